"""68 iBUG points and irises from MediaPipe's face mesh (weights inside the package)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("GLOG_minloglevel", "2")

import mediapipe as mp
import numpy as np

_TO_68 = json.loads((Path(__file__).parent / "data" / "mediapipe_to_ibug68.json").read_text())["points"]
_FIRST = np.array([pair[0] for pair in _TO_68])
_SECOND = np.array([pair[-1] for pair in _TO_68])
_NOBODY = np.zeros((256, 256, 3), np.uint8)
RIGHT_IRIS, LEFT_IRIS = range(468, 473), range(473, 478)  # the subject's right eye is on the picture's left


@dataclass(frozen=True)
class FacePoints:
    """One frame's points, as fractions of the picture (x right, y down).

    Attributes:
        landmarks: (68, 2) float32, iBUG order.
        iris: (2, 5, 2) float32, right then left eye: centre, then 4 rim points.
        dense: (478, 3) float32, the mesh; z in the same unit as x, smaller is nearer.
        confidence: in [0, 1].
    """

    landmarks: np.ndarray
    iris: np.ndarray
    dense: np.ndarray | None
    confidence: float


class MeshDetector:
    """Tracks the mesh from frame to frame; `reset` at a cut."""

    def __init__(self):
        self._network = None

    def __enter__(self) -> MeshDetector:
        self.reset()
        return self

    def __exit__(self, *unused: object) -> None:
        self._network.close()

    def reset(self) -> None:
        """Forget the face of the frames before (a new segment begins)."""
        if self._network is not None:
            self._network.process(_NOBODY)  # as good as a new network, which would take 2 MB more each time
            return
        self._network = mp.solutions.face_mesh.FaceMesh(
            static_image_mode=False, max_num_faces=1, refine_landmarks=True, min_detection_confidence=0.3
        )

    def __call__(self, image: np.ndarray) -> FacePoints | None:
        """(H, W, 3) uint8 RGB -> the points, or None when there is no face."""
        found = self._network.process(image).multi_face_landmarks
        if not found:
            return None
        dense = np.array([(p.x, p.y, p.z) for p in found[0].landmark], np.float32)
        return FacePoints(ibug68(dense[:, :2]), irises(dense[:, :2]), dense, 1.0)


def ibug68(mesh: np.ndarray) -> np.ndarray:
    """(478, 2) mesh points -> (68, 2) iBUG points (some are the mean of two mesh points)."""
    return ((mesh[_FIRST] + mesh[_SECOND]) / 2).astype(np.float32)


def irises(mesh: np.ndarray) -> np.ndarray:
    """(478, 2) mesh points -> (2, 5, 2): right and left iris, centre and rim."""
    return np.stack([mesh[RIGHT_IRIS], mesh[LEFT_IRIS]]).astype(np.float32)
