"""Who is before the camera: the source's identity from a few frames, fitted beside the stream."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np

from h2h.config.geometry import Tracking
from h2h.tracking.fit import VideoFit
from h2h.tracking.head_model import HeadModel
from h2h.tracking.settings import fit_as_set

FRAMES, SECONDS = 12, 1.5  # how many frames, spread over how long
PAUSE = 3.0  # seconds after frames that could not be fitted


@dataclass(frozen=True)
class Calibrated:
    """What a calibration found.

    Attributes:
        identity: (n_i,), mm.
        rotation: (T, 4), the head's in its frames.
        asked: by the person, who held still and neutral; else it was the first one.
    """

    identity: np.ndarray
    rotation: np.ndarray
    asked: bool


class Calibration:
    """Gathers frames and fits them; a fit takes about a quarter of a second of one core.

    Args:
        model: the head model.
        settings: of the tracking.
        executor: where fits run.
    """

    def __init__(self, model: HeadModel, settings: Tracking, executor: Executor):
        self._model, self._settings, self._executor = model, settings, executor
        self._fit: Future[VideoFit] | None = None
        self._frames: list[tuple[float, np.ndarray, np.ndarray, np.ndarray]] = []
        self._wanted, self._asked = True, False
        self._newest = self._not_before = float("-inf")

    @property
    def busy(self) -> str:
        """`asked` or `first` while frames are gathered or fitted, else nothing."""
        return ("asked" if self._asked else "first") if self._wanted else ""

    def ask(self) -> None:
        """Begin again, with the next frames."""
        self._frames, self._fit, self._wanted, self._asked = [], None, True, True
        self._not_before = float("-inf")

    def add(self, time: float, landmarks: np.ndarray, iris: np.ndarray, dense: np.ndarray) -> None:
        """A frame's points in crop fractions, `time` in seconds; most are not needed."""
        if not self._wanted or self._fit is not None or time < self._not_before:
            return
        self._newest = time
        if self._frames and time < self._frames[-1][0] + SECONDS / FRAMES:
            return
        self._frames.append((time, landmarks, iris, dense))
        if len(self._frames) == FRAMES:
            self._fit = self._executor.submit(fit_source, self._model, self._settings, *self._stacked())

    def done(self) -> Calibrated | None:
        """The result, once."""
        if self._fit is None or not self._fit.done():
            return None
        fit, asked = self._fit.result(), self._asked
        self._frames, self._fit, self._wanted, self._asked = [], None, False, False
        if not fit.tracked.any():  # these frames showed no usable face: take others
            self._wanted, self._asked, self._not_before = True, asked, self._newest + PAUSE
            return None
        return Calibrated(fit.identity, fit.rotation[fit.tracked], asked)

    def _stacked(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        landmarks, iris, dense = (np.stack([frame[i] for frame in self._frames]) for i in (1, 2, 3))
        return landmarks, iris, dense


def fit_source(
    model: HeadModel, settings: Tracking, landmarks: np.ndarray, iris: np.ndarray, dense: np.ndarray
) -> VideoFit:
    """Fit frames that lie apart: (T, 68, 2), (T, 2, 5, 2), (T, 468, 2), crop fractions."""
    count = len(landmarks)
    segment = np.arange(count)  # nothing is smooth across gaps
    return fit_as_set(model, settings, landmarks, iris, np.ones(count), segment, dense)
