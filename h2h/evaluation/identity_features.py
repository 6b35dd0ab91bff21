"""Face-identity features for FID: ArcFace when its ONNX file is there (the papers'), else dlib's 128-d network."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from h2h.errors import MissingAsset

# ArcFace's template in its 112 x 112 input: right eye, left eye, nose, mouth corners (as they lie in the picture)
TEMPLATE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)], np.float32
)


def choose(features: str, arcface: Path) -> str:
    """The network that "auto" means on this machine.

    Raises:
        MissingAsset: ArcFace is asked for and not there.
    """
    if features == "arcface" and not arcface.is_file():
        raise MissingAsset(
            "an ArcFace model in ONNX (112 x 112 input, 512-d)", "InsightFace's model zoo", str(arcface), "dlib"
        )
    if features == "auto":
        return "arcface" if arcface.is_file() else "dlib"
    return features


def five_points(landmarks: np.ndarray) -> np.ndarray:
    """Eye centres, nose tip and mouth corners of 68 iBUG points. (68, 2) -> (5, 2) float32."""
    eyes = [landmarks[36:42].mean(0), landmarks[42:48].mean(0)]
    return np.stack([*eyes, landmarks[30], landmarks[48], landmarks[54]]).astype(np.float32)


def align(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Similarity warp of a face to ArcFace's template.

    Args:
        image: (S, S, 3) uint8 RGB.
        landmarks: (68, 2) fractions of the picture.

    Returns:
        (112, 112, 3) uint8.
    """
    points = five_points(landmarks) * image.shape[0] - 0.5
    matrix, _ = cv2.estimateAffinePartial2D(points, TEMPLATE, method=cv2.LMEDS)
    return cv2.warpAffine(image, matrix, (112, 112), flags=cv2.INTER_LINEAR)


class DlibFeatures:
    """dlib's 128-d identity network; faces are given by their landmarks."""

    def __call__(self, image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """(S, S, 3) uint8 RGB and (68, 2) fractions -> (128,) float64 of unit norm."""
        import dlib

        from h2h.landmarks.identity import networks

        # four times larger, because dlib's points are whole pixels
        image = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)
        pixels = landmarks * image.shape[0] - 0.5
        points = dlib.points([dlib.point(round(float(x)), round(float(y))) for x, y in pixels])
        low, high = pixels.min(0), pixels.max(0)
        box = dlib.rectangle(*(round(float(v)) for v in (*low, *high)))
        _, network = networks()
        feature = np.array(network.compute_face_descriptor(image, dlib.full_object_detection(box, points)))
        return feature / np.linalg.norm(feature)


class ArcFaceFeatures:
    """ArcFace (Deng et al. 2019) in ONNX, by onnxruntime.

    Args:
        path: the ONNX file.
    """

    def __init__(self, path: Path):
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingAsset(
                "the package onnxruntime", "pip install onnxruntime", "the environment", "dlib"
            ) from error
        self._session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """(S, S, 3) uint8 RGB and (68, 2) fractions -> (512,) float64 of unit norm."""
        x = (align(image, landmarks).astype(np.float32) - 127.5) / 127.5
        feature = self._session.run(None, {self._input: x.transpose(2, 0, 1)[None]})[0][0].astype(np.float64)
        return feature / np.linalg.norm(feature)


def network(name: str, arcface: Path) -> DlibFeatures | ArcFaceFeatures:
    """The feature network by its name."""
    return ArcFaceFeatures(arcface) if name == "arcface" else DlibFeatures()
