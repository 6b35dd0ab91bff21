"""The calibration of a camera: `calibration.json`, in OpenCV's conventions."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from h2h.errors import UserError
from h2h.io.atomic import write_json
from h2h.io.lens import kept_share
from h2h.io.regular_file import read_regular

MOST_BYTES = 1 << 20
MOST_PIXELS = 1 << 14  # of a side
NOT_ORTHOGONAL = 1e-3
LEAST_KEPT = 0.5  # of the picture, after it was straightened
KEYS = ("image_size", "camera_matrix", "rotation", "translation", "distortion")
REMEDY = "write it as docs/flow_data.md says"


@dataclass(frozen=True)
class Calibration:
    """A pinhole camera with lens distortion: x = K [R | t] X, as OpenCV's `calibrateCamera` gives it.

    Attributes:
        width, height: of the pictures, px.
        intrinsics: f64 (3, 3), K; the centre of the upper left pixel is at (0, 0).
        rotation: f64 (3, 3), world to camera (x right, y down, z forwards).
        translation: f64 (3,), in the scans' unit.
        distortion: f64 (5,), k1, k2, p1, p2, k3.
    """

    width: int
    height: int
    intrinsics: np.ndarray
    rotation: np.ndarray
    translation: np.ndarray
    distortion: np.ndarray


def read_calibration(path: Path) -> Calibration:
    """Read a calibration.

    Raises:
        UserError: the file is missing or damaged, or describes no camera; the message says what is wrong.
    """
    try:
        return _parse(json.loads(read_regular(path, MOST_BYTES).decode("utf-8-sig")))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be used: {error}", REMEDY) from None


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write `calibration.json`."""
    write_json(
        path,
        {
            "image_size": [calibration.width, calibration.height],
            "camera_matrix": calibration.intrinsics.tolist(),
            "rotation": calibration.rotation.tolist(),
            "translation": calibration.translation.tolist(),
            "distortion": calibration.distortion.tolist(),
        },
    )


def _parse(values: Any) -> Calibration:
    if not isinstance(values, dict):
        raise ValueError("it is no JSON object")
    for key in values:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            raise ValueError(f"it has an unknown key {key[:60]!r}" + (f", perhaps {near[0]} is meant" if near else ""))
    size = _array(values, "image_size", (2,))
    if (size != size.round()).any() or (size < 1).any() or (size > MOST_PIXELS).any():
        raise ValueError(f"image_size is {size.tolist()}, not a width and a height in pixels")
    matrix = _array(values, "camera_matrix", (3, 3))
    if not (matrix[0, 0] > 0 and matrix[1, 1] > 0) or matrix[[1, 2, 2], [0, 0, 1]].any() or matrix[2, 2] != 1:
        raise ValueError(f"camera_matrix is {matrix.tolist()}, not [[fx, skew, cx], [0, fy, cy], [0, 0, 1]]")
    rotation = _array(values, "rotation", (3, 3))
    if np.abs(rotation @ rotation.T - np.eye(3)).max() > NOT_ORTHOGONAL or np.linalg.det(rotation) < 0:
        raise ValueError("rotation is no rotation matrix (R R^T is not 1, or its determinant is negative)")
    translation = _array(values, "translation", (3,))
    distortion = _array(values, "distortion", (5,)) if "distortion" in values else np.zeros(5)
    if distortion.any():
        kept = kept_share(int(size[0]), int(size[1]), matrix, distortion)
        if kept < LEAST_KEPT:
            raise ValueError(f"distortion is {distortion.tolist()}, that leaves {kept:.0%} of the straightened picture")
    return Calibration(int(size[0]), int(size[1]), matrix, rotation, translation, distortion)


def _array(values: dict[str, Any], key: str, shape: tuple[int, ...]) -> np.ndarray:
    if key not in values:
        raise ValueError(f"it has no {key}")
    try:
        if not _numeric(values[key]):
            raise ValueError("texts and truth values become numbers in NumPy, too")
        array = np.array(values[key], np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{key} is not made of numbers") from None
    if array.shape != shape:
        raise ValueError(f"{key} has the shape {array.shape}, not {shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{key} is not finite")
    return array


def _numeric(value: Any) -> bool:
    return all(map(_numeric, value)) if isinstance(value, list) else type(value) in (int, float)
