"""A folder of 4D scans, SUBJECT/SEQUENCE/{scans, images, ...}, as docs/flow_data.md describes it."""

from __future__ import annotations

import io
import os
import shutil
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from h2h.errors import UserError
from h2h.io.calibration import Calibration, write_calibration
from h2h.io.flo import write_flo
from h2h.io.mesh import MESH_SUFFIXES, Mesh
from h2h.io.ply import format_ply
from h2h.io.regular_file import read_regular

CALIBRATION = "calibration.json"
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
PARTS = {  # folder of a sequence -> suffixes of its files, one a frame
    "scans": MESH_SUFFIXES,
    "images": PICTURE_SUFFIXES,
    "textures": PICTURE_SUFFIXES,
    "registered": MESH_SUFFIXES,
    "true_background": (".flo",),
}
FORMATS = ("PNG", "JPEG", "BMP", "TIFF")
MODES = ("RGB", "RGBA", "L", "LA", "P")  # what becomes RGB without a loss
MOST_DIGITS = 9
REMEDY = "write it again, as PNG or JPEG"


@dataclass(frozen=True)
class Sequence:
    """One recording of one subject with one camera.

    Attributes:
        subject, name: names of its folders.
        calibration: the nearest `calibration.json`, of the sequence, the subject or the collection; None without one.
        files: part -> frame number -> file.
        strange: files whose names are no frame numbers, or that give a number twice.
        folders: names of the folders in it.
        outside: links that do not lead to a place in the collection; they are not followed, nothing of them is in
            the other attributes. A subject that is one is a single sequence without a name.
    """

    subject: str
    name: str
    calibration: Path | None = None
    files: dict[str, dict[int, Path]] = field(default_factory=lambda: {part: {} for part in PARTS})
    strange: tuple[Path, ...] = ()
    folders: tuple[str, ...] = ()
    outside: tuple[Path, ...] = ()

    @property
    def title(self) -> str:
        """SUBJECT/SEQUENCE."""
        return f"{self.subject}/{self.name}" if self.name else self.subject

    def pairs(self) -> list[int]:
        """Frames whose successor is there, too: nothing crosses a gap in the numbers."""
        return [number for number in sorted(self.files["scans"]) if number + 1 in self.files["scans"]]


@dataclass(frozen=True)
class ScanFrame:
    """What is written for one frame.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        mesh: the scan, in the same topology in all frames.
        true_background: (H, W, 2), the background's true flow to the next frame in px; None in the last frame.
    """

    image: np.ndarray
    mesh: Mesh
    true_background: np.ndarray | None


def find_sequences(folder: Path) -> list[Sequence]:
    """All sequences, sorted; folders without `scans` are listed, too, so that a check can complain."""
    found = []
    for subject in subfolders(folder):
        if leads_out(subject, folder):
            found.append(Sequence(subject.name, "", outside=(subject,)))
        else:
            found += [_sequence(folder, path) for path in subfolders(subject)]
    return found


def subfolders(folder: Path) -> list[Path]:
    """Its folders that are not hidden, sorted."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def leads_out(path: Path, collection: Path) -> bool:
    """Whether a path is a link to what is not inside the collection, or to the collection itself.

    Collections come from others: a link in them could show any file of the reader's machine.
    """
    return path.is_symlink() and Path(os.path.realpath(collection)) not in Path(os.path.realpath(path)).parents


def _sequence(collection: Path, folder: Path) -> Sequence:
    subject, name = folder.parent.name, folder.name
    if leads_out(folder, collection):
        return Sequence(subject, name, outside=(folder,))
    files: dict[str, dict[int, Path]] = {}
    strange, outside = [], []
    for part, suffixes in PARTS.items():
        found = files.setdefault(part, {})
        if leads_out(folder / part, collection):
            outside.append(folder / part)
            continue
        inside = sorted((folder / part).iterdir()) if (folder / part).is_dir() else []
        for path in inside:
            if path.suffix.lower() not in suffixes or path.name.startswith("."):
                continue
            number = _frame_number(path.stem)
            if leads_out(path, collection):
                outside.append(path)
            elif number is None or number in found:
                strange.append(path)
            else:
                found[number] = path
    places = [place / CALIBRATION for place in (folder, folder.parent, collection)]
    calibration = next((place for place in places if os.path.lexists(place)), None)  # a broken link is not passed over
    if calibration is not None and leads_out(calibration, collection):
        outside.append(calibration)
        calibration = None
    folders = tuple(path.name for path in subfolders(folder))
    return Sequence(subject, name, calibration, files, tuple(strange), folders, tuple(outside))


def _frame_number(stem: str) -> int | None:
    digits = stem.isascii() and stem.isdecimal() and len(stem) <= MOST_DIGITS
    return int(stem) if digits else None


def read_image(path: Path, size: tuple[int, int] | None = None) -> np.ndarray:
    """Read a picture, u8 (H, W, 3) RGB.

    Args:
        path: the file.
        size: the width and height that it must have; others are refused before they are decoded.

    Raises:
        UserError: it is no regular file, cannot be decoded, or has another size.
    """
    try:
        with Image.open(io.BytesIO(read_regular(path)), formats=FORMATS) as image:
            if size is not None and image.size != size:
                raise UserError(
                    f"{path} has {image.width} x {image.height} pixels, the calibration says {size[0]} x {size[1]}",
                    "calibrate for these pictures, or put those there that were calibrated",
                )
            if image.mode not in MODES:
                raise ValueError(f"its pixels are of the kind {image.mode}, not 8 bits a colour")
            return np.asarray(image.convert("RGB"))
    except UnidentifiedImageError:  # its message names an object in memory
        raise UserError(f"{path} is no readable picture: none of {', '.join(FORMATS)}", REMEDY) from None
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError) as error:
        raise UserError(f"{path} is no readable picture: {error}", REMEDY) from None


def undistorted(image: np.ndarray, calibration: Calibration) -> np.ndarray:
    """The picture that a lens without distortion would have given."""
    if not calibration.distortion.any():
        return image
    return cv2.undistort(image, calibration.intrinsics, calibration.distortion)


def write_sequence(folder: Path, calibration: Calibration, frames: Iterable[ScanFrame]) -> None:
    """Write a sequence as a whole: under a hidden name, which a check does not look at, until it is complete.

    Args:
        folder: COLLECTION/SUBJECT/SEQUENCE; must not be there yet.
        calibration: its own.
        frames: in order; they are numbered from 0.
    """
    unfinished = folder.with_name(f".{folder.name}")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    for part in ("images", "scans", "true_background"):
        (unfinished / part).mkdir(parents=True)
    write_calibration(unfinished / CALIBRATION, calibration)
    for number, frame in enumerate(frames):
        name = f"{number:06d}"
        Image.fromarray(frame.image).save(unfinished / "images" / f"{name}.png", compress_level=1)
        (unfinished / "scans" / f"{name}.ply").write_bytes(format_ply(frame.mesh))
        if frame.true_background is not None:
            write_flo(unfinished / "true_background" / f"{name}.flo", frame.true_background)
    unfinished.rename(folder)
