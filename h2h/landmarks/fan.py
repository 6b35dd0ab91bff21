"""68 iBUG points by FAN (face-alignment); its weights come from a hub, so they must be given or cached already."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from h2h.errors import MissingAsset
from h2h.landmarks.mediapipe_mesh import FacePoints, MeshDetector


class FanDetector:
    """FAN for the 68 points, MediaPipe for the irises.

    Raises:
        MissingAsset: torch's hub cache does not hold FAN's weights (nothing is downloaded here).
    """

    def __init__(self):
        import face_alignment
        import torch

        cache = Path(torch.hub.get_dir()) / "checkpoints"
        if not any(cache.glob("2DFAN4*")):
            raise MissingAsset(
                "2DFAN4-*.zip (FAN)",
                "the face-alignment project's releases",
                f"{cache} (or set TORCH_HOME{'=' + os.environ['TORCH_HOME'] if 'TORCH_HOME' in os.environ else ''})",
                "landmarks.method: mediapipe",
            )
        self._network = face_alignment.FaceAlignment(face_alignment.LandmarksType.TWO_D, device="cpu")
        self._mesh = MeshDetector()

    def __enter__(self) -> FanDetector:
        self._mesh.__enter__()
        return self

    def __exit__(self, *unused: object) -> None:
        self._mesh.__exit__()

    def reset(self) -> None:
        """Forget the face of the frames before."""
        self._mesh.reset()

    def __call__(self, image: np.ndarray) -> FacePoints | None:
        """(H, W, 3) uint8 RGB -> the points, or None when there is no face."""
        mesh = self._mesh(image)
        if mesh is None:
            return None
        height, width = image.shape[:2]
        low, high = mesh.landmarks.min(0) * (width, height), mesh.landmarks.max(0) * (width, height)
        points, scores, _ = self._network.get_landmarks_from_image(
            image, detected_faces=[np.array([*low, *high])], return_landmark_score=True
        )
        landmarks = ((points[0] + 0.5) / (width, height)).astype(np.float32)
        return FacePoints(landmarks, mesh.iris, mesh.dense, float(np.clip(np.mean(scores[0]), 0, 1)))
