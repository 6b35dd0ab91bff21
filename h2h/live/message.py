"""What the server sends the page for every frame: a JSON header and encoded pictures in one binary message."""

from __future__ import annotations

import json
import struct
from typing import Any

import cv2
import numpy as np

from h2h.live.streaming import Work

QUALITY, SOURCE_QUALITY = 92, 70
SOURCE_HEIGHT = 144  # px
POINT = (80, 255, 120)


def pack(header: dict[str, Any], *pictures: bytes) -> bytes:
    """Length of the header (4 bytes, big end first), the header as JSON, the pictures; `parts` gives their lengths."""
    text = json.dumps({**header, "parts": [len(p) for p in pictures]}, allow_nan=False).encode()
    return b"".join((struct.pack(">I", len(text)), text, *pictures))


def unpack(message: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """What `pack` was given."""
    length = struct.unpack_from(">I", message)[0]
    header = json.loads(message[4 : 4 + length])
    pictures, at = [], 4 + length
    for size in header["parts"]:
        pictures.append(message[at : at + size])
        at += size
    return header, pictures


def encoded(picture: np.ndarray) -> bytes:
    """(H, W, 3) uint8 as JPEG, (H, W, 4) with straight alpha as WebP."""
    if picture.shape[2] == 3:
        image, kind, options = picture[..., ::-1], ".jpg", [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    else:
        image, kind, options = picture[..., [2, 1, 0, 3]], ".webp", [cv2.IMWRITE_WEBP_QUALITY, QUALITY]
    return cv2.imencode(kind, np.ascontiguousarray(image), options)[1].tobytes()


def source_picture(work: Work) -> bytes:
    """A small JPEG of the source with the landmarks that were found."""
    height, width = work.image.shape[:2]
    ratio = min(SOURCE_HEIGHT / height, 1.0)
    small = cv2.resize(work.image, (round(width * ratio), round(height * ratio)), interpolation=cv2.INTER_AREA)
    small = np.ascontiguousarray(small)
    if work.found is not None:
        for x, y in np.round(work.found.landmarks * ratio).astype(int):
            cv2.circle(small, (int(x), int(y)), 1, POINT, -1)
    options = [cv2.IMWRITE_JPEG_QUALITY, SOURCE_QUALITY]
    return cv2.imencode(".jpg", small[..., ::-1], options)[1].tobytes()
