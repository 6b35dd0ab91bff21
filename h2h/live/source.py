"""The source's motion, frame by frame, moved to the target."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import asdict, replace

import numpy as np

from h2h.config.geometry import Tracking
from h2h.config.learning import Synthesize
from h2h.live.calibration import Calibrated, Calibration
from h2h.live.face import Found, square_around
from h2h.render.hybrid import Parameters
from h2h.render.live_hybrid import FrameParameters, LiveTransfer
from h2h.tracking.head_model import HeadModel
from h2h.tracking.live import LiveTracker
from h2h.tracking.rotation import matrix_to_quaternion, quaternion_to_matrix
from h2h.tracking.settings import weights_of

MODES = ("head", "face", "expression")
LIVE_SMOOTHING = 5  # frames at most: a filter that looks back delays by half its width


class Source:
    """Fits the head model to the face before the camera and says how the target's head must stand.

    Until its first calibration the source has the mean face. A calibration that was asked for also says which pose is
    its straight one: it becomes the target's own mean pose.

    Args:
        model: the head model of the target's bundle.
        target: the target's tracked parameters.
        tracking: how a source is fitted.
        settings: of the transfer.
        executor: where calibrations run.
    """

    def __init__(
        self, model: HeadModel, target: Parameters, tracking: Tracking, settings: Synthesize, executor: Executor
    ):
        self._model, self._target, self._tracking, self._settings = model, target, tracking, settings
        self.calibration = Calibration(model, tracking, executor)
        self._window: np.ndarray | None = None  # the square whose fractions are the source's coordinates
        self._turn = np.eye(3)
        self._straight = quaternion_to_matrix(mean_rotation(target.rotation))
        self._tracker = self._new_tracker(np.zeros(len(model.identity_sigma)))
        self.set_mode(settings.mode)
        self.residual = float("nan")

    def set_mode(self, mode: str) -> None:
        """Transfer something else from the next frame on: one of MODES."""
        of = self._settings
        smooth = min(of.smooth_frames, LIVE_SMOOTHING)
        self.mode, self._transfer = mode, LiveTransfer(self._target, mode, of.scale, of.translation_sigmas, smooth)

    def __call__(self, found: Found, time: float) -> FrameParameters:
        """The target's parameters for a frame of the source; `time` in seconds."""
        if self._window is None:
            self._window = square_around(found.box)
        if found.again:
            self._tracker.reset()
            self._transfer.cut()
        landmarks, iris, dense = (self._fractions(points) for points in (found.landmarks, found.iris, found.dense))
        self.calibration.add(time, landmarks, iris, dense)
        result = self.calibration.done()
        if result is not None:
            self._take(result)
        fitted = self._tracker(landmarks, iris)
        self.residual = fitted.residual
        moving = asdict(fitted)
        del moving["residual"]
        motion = FrameParameters(**moving)
        if self.mode == "head":
            turned = matrix_to_quaternion(quaternion_to_matrix(motion.rotation) @ self._turn)
            motion = replace(motion, rotation=turned)
        return self._transfer(motion)

    def _take(self, result: Calibrated) -> None:
        self._tracker = self._new_tracker(result.identity)
        if result.asked:
            neutral = quaternion_to_matrix(mean_rotation(result.rotation))
            self._turn = neutral.T @ self._straight
            self._transfer.reset()

    def _new_tracker(self, identity: np.ndarray) -> LiveTracker:
        of = self._tracking
        return LiveTracker(self._model, identity, weights_of(of), of.contour, of.max_residual)

    def _fractions(self, points: np.ndarray) -> np.ndarray:
        assert self._window is not None
        return (points - self._window[:2]) / self._window[2]


def mean_rotation(quaternions: np.ndarray) -> np.ndarray:
    """(T, 4) unit quaternions -> (4,), their mean (Markley et al. 2007: the first eigenvector)."""
    q = np.asarray(quaternions, np.float64)
    mean = np.linalg.eigh(q.T @ q)[1][:, -1]
    return -mean if mean[0] < 0 else mean
