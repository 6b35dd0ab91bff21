"""Face-identity features: dlib's ResNet (128-d), whose weights come in the package `face_recognition_models`."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

import dlib
import numpy as np


@functools.cache
def networks() -> tuple[dlib.shape_predictor, dlib.face_recognition_model_v1]:
    """Dlib's 5-point predictor and identity network, loaded once a process."""
    # found without importing the package: it imports the removed pkg_resources
    folder = Path(importlib.util.find_spec("face_recognition_models").submodule_search_locations[0]) / "models"
    return (
        dlib.shape_predictor(str(folder / "shape_predictor_5_face_landmarks.dat")),
        dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat")),
    )


def descriptor(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Identity feature of a face.

    Args:
        image: (H, W, 3) uint8, RGB.
        box: x0, y0, x1, y1 in pixels.

    Returns:
        (128,) float64; two pictures of one person are usually closer than 0.6 (dlib's own threshold).
    """
    predictor, network = networks()
    rectangle = dlib.rectangle(*(round(float(v)) for v in box))
    return np.array(network.compute_face_descriptor(image, predictor(image, rectangle)))
