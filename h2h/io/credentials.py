"""Content Credentials (C2PA) on every synthesised video: who made it, that it is synthetic, from what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from h2h import __version__
from h2h.errors import UserError
from h2h.io.atomic import replacing
from h2h.io.signing_key import key_folder, load_or_make

SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def sign_video(unsigned: Path, signed: Path, title: str, ingredients: dict[str, str]) -> None:
    """Write a copy of an MP4 with a signed manifest.

    Args:
        unsigned: the video as encoded.
        signed: where the signed copy goes (atomically).
        title: what the video is.
        ingredients: what went in -> its SHA-256 (source and target caches, model).
    """
    import c2pa

    manifest = {
        "claim_generator_info": [{"name": "h2h", "version": __version__}],
        "title": title,
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": SYNTHETIC,
                            "softwareAgent": {"name": "h2h", "version": __version__},
                            "description": "head reenactment by a neural rendering network",
                        }
                    ]
                },
            },
            {"label": "org.h2h.ingredients", "data": {"sha256": ingredients}},
        ],
    }
    chain, key = load_or_make(key_folder())
    info = c2pa.C2paSignerInfo(alg=c2pa.C2paSigningAlg.ES256, sign_cert=chain.encode(), private_key=key, ta_url=None)
    with replacing(signed) as temporary, c2pa.Signer.from_info(info) as signer:
        temporary.unlink(missing_ok=True)
        with c2pa.Builder(json.dumps(manifest)) as builder:
            builder.sign_file(unsigned, temporary, signer)


def read_credentials(path: Path) -> dict[str, Any]:
    """What a video's manifest says.

    Returns:
        title, generator, synthetic (bool), ingredients, intact (the file was not altered after signing).

    Raises:
        UserError: the file has no manifest.
    """
    import c2pa

    try:
        with c2pa.Reader(path) as reader:
            store = json.loads(reader.json())
    except c2pa.C2paError as error:
        raise UserError(
            f"{path} carries no Content Credentials: {error}", "it was not made by h2h, or they were stripped"
        ) from error
    manifest = store["manifests"][store["active_manifest"]]
    assertions = {item["label"]: item["data"] for item in manifest["assertions"]}
    actions = assertions.get("c2pa.actions.v2", {}).get("actions", [])
    # a local certificate is in no trust list: that is said by other codes, and is no alteration
    codes = {item["code"] for item in store.get("validation_status", [])}
    return {
        "title": manifest.get("title"),
        "generator": manifest["claim_generator_info"][0],
        "synthetic": any(action.get("digitalSourceType") == SYNTHETIC for action in actions),
        "ingredients": assertions.get("org.h2h.ingredients", {}).get("sha256", {}),
        "intact": not any("mismatch" in code.lower() or code.endswith(("missing", "invalid")) for code in codes),
    }
