"""Refitting: what the pipeline's own landmarks and tracking find in a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from h2h.config.geometry import Tracking
from h2h.landmarks.fan import FanDetector
from h2h.landmarks.mediapipe_mesh import FacePoints, MeshDetector
from h2h.landmarks.smoothing import nearest_good, smooth_points
from h2h.tracking.fit import VideoFit
from h2h.tracking.head_model import HeadModel
from h2h.tracking.settings import fit_as_set

LEAST_FRAMES = 5  # with a face; fewer say too little about it


@dataclass(frozen=True)
class Seen:
    """Points of T frames, fractions of the picture; where no face was found, those of the nearest frame with one.

    Attributes:
        landmarks: f32 (T, 68, 2).
        iris: f32 (T, 2, 5, 2).
        dense: f32 (T, 468, 2).
        found: bool (T,).
        segment: (T,) ints, runs of consecutive frames.
    """

    landmarks: np.ndarray
    iris: np.ndarray
    dense: np.ndarray
    found: np.ndarray
    segment: np.ndarray

    def kept(self, frames: np.ndarray) -> Seen:
        """Of these frames, bool (T,), only; what was apart is not joined."""
        gaps = np.cumsum(np.diff(frames, prepend=frames[:1]) != 0)
        segment = self.segment.astype(np.int64) * (len(frames) + 1) + gaps
        return Seen(self.landmarks[frames], self.iris[frames], self.dense[frames], self.found[frames], segment[frames])


class Watch:
    """Finds the points of a video, pushed frame by frame, as the stage landmarks does; a context manager.

    Args:
        method: "mediapipe" or "fan".
        min_confidence: a frame below it has no face.
        smooth_frames: window over time, 0 for none.
    """

    def __init__(self, method: str, min_confidence: float, smooth_frames: int):
        self._detector = MeshDetector() if method == "mediapipe" else FanDetector()
        self._rules = min_confidence, smooth_frames
        self._points: list[FacePoints | None] = []
        self._segment: list[int] = []

    def __enter__(self) -> Watch:
        self._detector.__enter__()
        return self

    def __exit__(self, *unused: object) -> None:
        self._detector.__exit__()

    def push(self, frame: np.ndarray, segment: int) -> None:
        """The next frame, (S, S, 3) uint8 RGB, and the number of its run of consecutive frames."""
        if self._segment and segment != self._segment[-1]:
            self._detector.reset()
        self._points.append(self._detector(frame))
        self._segment.append(segment)

    def seen(self) -> Seen | None:
        """The points of all frames; None when there is a face in none."""
        return gather(self._points, np.array(self._segment), *self._rules)


def gather(
    points: Sequence[FacePoints | None], segment: np.ndarray, min_confidence: float, smooth_frames: int
) -> Seen | None:
    """A detector's findings, treated as the stage landmarks treats them.

    Args:
        points: of T frames.
        segment: (T,), runs of consecutive frames.
        min_confidence: a frame below it has no face.
        smooth_frames: window over time, 0 for none.

    Returns:
        None when there is a face in no frame.
    """
    confidence = np.array([0.0 if one is None else one.confidence for one in points])
    found = confidence >= max(min_confidence, 1e-9)
    if not found.any():
        return None
    best = [points[i] for i in nearest_good(found, np.asarray(segment))]
    arrays = [np.stack([getattr(one, key) for one in best]) for key in ("landmarks", "iris", "dense")]
    if smooth_frames:
        arrays = [smooth_points(array, segment, smooth_frames) for array in arrays]
    return Seen(arrays[0], arrays[1], arrays[2][:, :468, :2], found, np.asarray(segment))


def refit(model: HeadModel, settings: Tracking, seen: Seen | None) -> VideoFit | None:
    """The head model fitted to all frames at once, as the stage tracking does it.

    Returns:
        None when there is a face in fewer than `LEAST_FRAMES`, or the model fits none of them.
    """
    if seen is None or seen.found.sum() < LEAST_FRAMES:
        return None
    dense = seen.dense if settings.dense_weight else None
    confidence = seen.found.astype(np.float32)
    fit = fit_as_set(model, settings, seen.landmarks, seen.iris, confidence, seen.segment, dense)
    return fit if fit.tracked.any() else None


def of_person(model: HeadModel, identity: np.ndarray) -> HeadModel:
    """The head model with the identity (n_i,) in its mean, so that a fit cannot change it."""
    return replace(
        model,
        mean=model.neutral(identity).astype(np.float32),
        identity_basis=np.zeros_like(model.identity_basis[:1]),
        identity_sigma=np.ones_like(model.identity_sigma[:1]),
    )
