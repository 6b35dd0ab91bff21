"""What a result was made with: versions, processor, commit."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from pathlib import Path

PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "h5py",
    "mediapipe",
    "facenet-pytorch",
    "opencv-python-headless",
    "snakemake",
    "dvc",
)


def processor() -> str:
    """The CPU's name, as the kernel gives it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def processor_flags() -> set[str]:
    """CPU features such as amx_bf16; empty where the kernel does not list them."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return set()
    return next(
        (set(line.split(":", 1)[1].split()) for line in info.read_text().splitlines() if line.startswith("flags")),
        set(),
    )


def commit() -> str:
    """The git commit of the checkout, with a mark when files differ from it."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        dirty = subprocess.run(
            ["git", "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not a git checkout"
    return head + (" with local changes" if dirty else "")


def describe() -> dict[str, str]:
    """Everything above, in the order in which the report prints it."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {
        "processor": processor(),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "commit": commit(),
        **versions,
    }


def licences() -> list[tuple[str, str, str]]:
    """Package, version and the licence that it names, of what results depend on most."""
    found = []
    for name in PACKAGES:
        meta = importlib.metadata.metadata(name)
        words = [c.split("::")[-1].strip() for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
        said = meta.get("License-Expression") or ", ".join(words) or (meta.get("License") or "").strip()
        found.append((name, meta["Version"], said.splitlines()[0] if said else "not named"))
    return found
