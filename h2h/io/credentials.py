"""Content Credentials (C2PA) on every synthesised video: who made it, that it is synthetic, from what."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from h2h import __version__
from h2h.errors import UserError
from h2h.io.record import Record
from h2h.io.signing_key import LOCAL_SIGNER, signing_key

SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
WATERMARK = "org.h2h.spread-spectrum.v1"
_RECORD = "org.h2h.record"
_FORGED = ("assertion.hashedURI.mismatch", "claimSignature.mismatch", "claimSignature.missing", "claim.missing")
_APART = {".webm": "video/webm"}  # no library embeds a manifest into these: it goes into a file beside them


class NoCredentials(UserError):
    """A file has no manifest that can be read."""


@dataclass(frozen=True)
class Credentials:
    """What a video's manifest says.

    Attributes:
        title: what the video is.
        generator: the program that made it, and its version.
        synthetic: it is declared as made by a trained model.
        record: the fields of `h2h.io.record.Record`; empty if another program made it.
        watermark: the number that the watermark carries; None if there is none.
        signer: name in the signing certificate, and the organisation that it names.
        created: ISO time of making by the clock of the machine that made it; None if it is not said.
        local: signed with a key that h2h made on some machine; nobody vouches for its name.
        trusted: the certificate leads to a root of the C2PA trust list in use.
        intact: neither the video nor the manifest was altered after signing.
        forged: the manifest itself was altered: nothing that it says can be relied upon.
        problems: codes of the C2PA specification for what does not fit.
    """

    title: str | None
    generator: str
    synthetic: bool
    record: dict[str, Any]
    watermark: int | None
    signer: str
    created: str | None
    local: bool
    trusted: bool
    intact: bool
    forged: bool
    problems: tuple[str, ...]


def sidecar(path: Path) -> Path:
    """Where the manifest of a file lies whose format cannot hold one."""
    return path.with_name(f"{path.name}.c2pa")


def sign_video(unsigned: Path, signed: Path, record: Record) -> bytes | None:
    """Write a signed copy of an encoded video.

    Args:
        unsigned: the video as encoded.
        signed: where the copy goes.
        record: what the manifest says.

    Returns:
        None where the manifest is inside the copy; else (WebM) its bytes, for `sidecar`.

    Raises:
        UserError: the signing key cannot be used.
    """
    import c2pa

    own = signing_key()
    info = c2pa.C2paSignerInfo(
        alg=c2pa.C2paSigningAlg[own.algorithm], sign_cert=own.chain, private_key=own.key, ta_url=None
    )
    apart = _APART.get(unsigned.suffix.lower())
    signed.unlink(missing_ok=True)
    try:
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(_manifest(record))) as builder:
            if apart is None:
                builder.sign_file(unsigned, signed, signer)
                return None
            builder.set_no_embed()
            with open(unsigned, "rb") as source, open(signed, "w+b") as copy:
                return bytes(builder.sign(signer, apart, source, copy))
    except c2pa.C2paError as error:
        raise UserError(
            f"the video cannot be signed: {error}",
            "a certificate for C2PA names the purpose e-mail protection or document signing, and is no root itself",
        ) from error


def read_credentials(path: Path) -> Credentials:
    """What a video's manifest says; of a WebM the manifest beside it.

    Raises:
        NoCredentials: the file has no manifest.
    """
    import c2pa

    apart, beside = _APART.get(path.suffix.lower()), sidecar(path)
    if apart is not None and not beside.exists():
        raise NoCredentials(f"{path} carries no Content Credentials: there is no {beside.name} beside it", _UNSIGNED)
    try:
        # a file that somebody sent must not make this machine ask a server
        with c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}) as context:
            if apart is None:
                with c2pa.Reader(path, context=context) as reader:
                    return _understood(json.loads(reader.json()))
            with open(path, "rb") as file, c2pa.Reader(apart, file, beside.read_bytes(), context=context) as reader:
                return _understood(json.loads(reader.json()))
    except c2pa.C2paError as error:
        raise NoCredentials(f"{path} carries no Content Credentials: {error}", _UNSIGNED) from error


_UNSIGNED = "it was not made by h2h, or they were stripped"


def _manifest(record: Record) -> dict[str, Any]:
    """The manifest's definition: actions, watermark, ingredients by hash (no file is embedded), and the record."""
    agent = {"name": "h2h", "version": __version__}
    labels = [f"ingredient{i}" for i in range(len(record.ingredients))]
    created = {
        "action": "c2pa.created",
        "digitalSourceType": SYNTHETIC,
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "softwareAgent": agent,
        "description": f"head reenactment, mode {record.mode}",
        "parameters": {"ingredientIds": labels},
    }
    marked = {"action": "c2pa.watermarked.bound", "softwareAgent": agent}
    binding = {"alg": WATERMARK, "blocks": [{"scope": {}, "value": f"{record.number:08x}"}]}
    return {
        "claim_generator_info": [agent],
        "title": record.title,
        "ingredients": [
            {
                "label": label,
                "title": one.name or one.role,
                "description": one.role,
                "relationship": "inputTo",
                **({"instance_id": f"urn:sha256:{one.sha256}"} if one.sha256 else {}),
            }
            for label, one in zip(labels, record.ingredients, strict=True)
        ],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created, marked]}},
            {"label": "c2pa.soft-binding", "data": binding},
            {"label": _RECORD, "data": record.as_json()},
        ],
    }


def _understood(store: dict[str, Any]) -> Credentials:
    manifest = store["manifests"][store["active_manifest"]]
    assertions = {item["label"]: item["data"] for item in manifest["assertions"]}
    actions = assertions.get("c2pa.actions.v2", {}).get("actions", [])
    generator = manifest.get("claim_generator_info", [{}])[0]
    signature = manifest.get("signature_info") or {}
    codes = tuple(sorted({item["code"] for item in store.get("validation_status", [])}))
    return Credentials(
        title=manifest.get("title"),
        generator=f"{generator.get('name', 'an unnamed program')} {generator.get('version', '')}".strip(),
        synthetic=any(action.get("digitalSourceType") == SYNTHETIC for action in actions),
        record=assertions.get(_RECORD, {}),
        watermark=_number(assertions.get("c2pa.soft-binding", {})),
        signer=", ".join(filter(None, (signature.get("common_name"), signature.get("issuer")))),
        created=next((action["when"] for action in actions if "when" in action), None),
        local=signature.get("common_name") == LOCAL_SIGNER,
        trusted="signingCredential.untrusted" not in codes,
        # a certificate that is in no trust list is said by other codes, and is no alteration
        intact=not any("mismatch" in code.lower() or code.endswith(("missing", "invalid")) for code in codes),
        forged=any(code in _FORGED for code in codes),
        problems=codes,
    )


def _number(binding: dict[str, Any]) -> int | None:
    if binding.get("alg") != WATERMARK:
        return None
    return int(binding["blocks"][0]["value"], 16)
