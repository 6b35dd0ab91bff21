"""Put the demo's people into `data/identities`, checked against their checksums, with an attribution table."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

from h2h.config import read_yaml
from h2h.demo.registry import download, read_member
from h2h.errors import UserError
from h2h.io.atomic import replacing, write_text

log = logging.getLogger("h2h")
CATALOGUE = Path(__file__).with_name("clips.yaml")


def fetch_demo(identities: Path, downloads: Path) -> list[str]:
    """Fetch every demo person's clips; files that are there already with the right checksum are kept.

    Returns:
        The people's names.

    Raises:
        UserError: a download failed or a file's checksum differs.
    """
    catalogue = read_yaml(CATALOGUE)
    for name, person in catalogue["people"].items():
        for clip in person["clips"]:
            _place(catalogue, clip, identities / name / Path(clip["member"]).name, downloads)
        about = identities / name / "identity.yaml"
        if not about.exists():  # somebody may have written into it
            write_text(about, _identity_file(catalogue, person))
    write_text(identities / "ATTRIBUTION.md", attribution(catalogue))
    return list(catalogue["people"])


def fetch_bad_input(folder: Path, downloads: Path) -> list[Path]:
    """Fetch the clips that the frames stage must refuse; they are for the tests."""
    catalogue = read_yaml(CATALOGUE)
    paths = []
    for clip in catalogue["bad_input"].values():
        paths.append(folder / Path(clip["member"]).name)
        _place(catalogue, clip, paths[-1], downloads)
    return paths


def attribution(catalogue: dict[str, Any]) -> str:
    """A Markdown table: who, from which package, under which licence."""
    rows = ["# The demo's clips", "", "| person | file | package | licence | credit |", "|---|---|---|---|---|"]
    for name, person in catalogue["people"].items():
        for clip in person["clips"]:
            package = catalogue["packages"][clip["package"]]
            source = f"{package['registry']}: {package['spec']}"
            rows.append(
                f"| {name} | {Path(clip['member']).name} | {source} | {package['licence']} | {person['credit']} |"
            )
    return "\n".join(rows) + "\n"


def _place(catalogue: dict[str, Any], clip: dict[str, str], path: Path, downloads: Path) -> None:
    expected = clip.get("sha256")
    if path.exists() and (expected is None or hashlib.sha256(path.read_bytes()).hexdigest() == expected):
        return
    package = catalogue["packages"][clip["package"]]
    content = read_member(download(package["registry"], package["spec"], downloads), clip["member"])
    found = hashlib.sha256(content).hexdigest()
    if expected is not None and found != expected:
        raise UserError(
            f"{clip['member']} in {package['spec']} has SHA-256 {found}, expected {expected}",
            f"delete the folder {downloads} and run again; if it stays so, the package was changed: do not use it",
        )
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    log.info("%s: %d bytes", path, len(content))


def _identity_file(catalogue: dict[str, Any], person: dict[str, Any]) -> str:
    packages = sorted({clip["package"] for clip in person["clips"]})
    specs = ", ".join(catalogue["packages"][p]["spec"] for p in packages)
    licence = ", ".join(sorted({catalogue["packages"][p]["licence"] for p in packages}))
    role = f"role: {person['role']}\n" if "role" in person else ""
    return f'{role}source: "{specs}"\nlicence: "{licence}"\ncredit: "{person["credit"]}"\n'
