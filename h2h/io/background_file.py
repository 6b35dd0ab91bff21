"""What a user put behind a person: a colour, a picture or a video, as an endless row of pictures."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from h2h.errors import UserError
from h2h.io.video import PICTURE_FORMATS, PICTURE_SUFFIXES, VIDEO_SUFFIXES, sampled_frames

MOST_PIXELS = 50_000_000  # of a picture: a small file can claim to be enormous

# what PIL raises for damaged files, and for EXIF data that it cannot write again when it turns a picture upright
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, TypeError, NotImplementedError, struct.error)


def read_picture(path: Path) -> np.ndarray:
    """A picture (H, W, 3) uint8 RGB.

    Raises:
        UserError: it is missing, none of `PICTURE_FORMATS`, damaged, or larger than `MOST_PIXELS`.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=PICTURE_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UserError(f"{path} has {image.width} x {image.height} pixels", "give a smaller picture")
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing", "name a picture, a video, a colour such as #00b140, or plate") from error
    except (*DAMAGED, Image.DecompressionBombError) as error:
        raise UserError(f"{path} is not a readable picture: {error}", "give a PNG or JPEG") from error


def pictures(path: Path, fps: float) -> Iterator[np.ndarray]:
    """Pictures (H, W, 3) uint8 at `fps` a second: a still one again and again, a video from its beginning when it ends.

    Raises:
        UserError: it is neither a picture nor a video.
    """
    suffix = path.suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        if not path.exists():
            raise UserError(f"{path} is missing", "name a picture, a video, a colour such as #00b140, or plate")
        return itertools.chain.from_iterable(_film(path, fps) for _ in itertools.count())
    if suffix not in PICTURE_SUFFIXES:
        raise UserError(
            f"{path} is no background", "give plate, transparent, a colour such as #00b140, a picture or a video"
        )
    return itertools.repeat(read_picture(path))


def _film(path: Path, fps: float) -> Iterator[np.ndarray]:
    """A film once; one that is slower than `fps` shows its frames more than once."""
    shown, due = None, 0.0
    for frame in sampled_frames(path, fps):
        while shown is not None and due < frame.time - 5e-4:  # time stamps are rounded to the container's ticks
            yield shown
            due += 1 / fps
        shown = frame.image
    if shown is not None:
        yield shown
