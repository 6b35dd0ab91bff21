"""Hybrid parameters frame by frame: `hybrid.transfer` for a source whose future is not known."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from h2h.render.hybrid import Parameters, there_and_back

MEMORY = 1000  # frames over which the means run: a source that moves its chair is followed in a minute


@dataclass(frozen=True)
class FrameParameters:
    """One frame's parameters.

    Attributes:
        expression: (n_e,).
        scale: crop fractions a millimetre.
        rotation: (4,), a quaternion.
        translation: (2,), crop fractions.
        gaze: (2, 2), radians.
    """

    expression: np.ndarray
    scale: float
    rotation: np.ndarray
    translation: np.ndarray
    gaze: np.ndarray


class LiveTransfer:
    """Moves a source's motion to a target, one frame at a time.

    The offline transfer needs the source's mean scale and position; here they are running means over all frames so
    far, and the box filter looks back only.

    Args:
        target: the person who will be seen, tracked.
        mode, scale, translation_sigmas: as in `hybrid.transfer`.
        smooth_frames: frames of the box filter, all in the past: it delays by half of them.
    """

    def __init__(
        self,
        target: Parameters,
        mode: str = "head",
        scale: str = "target",
        translation_sigmas: float = 2.0,
        smooth_frames: int = 5,
    ):
        self.target, self.mode, self.scale = target, mode, scale
        middle, spread = target.translation.mean(axis=0), target.translation.std(axis=0)
        self._middle, self._reach = middle, translation_sigmas * spread
        self._smooth = max(smooth_frames, 1)
        self.reset()

    def reset(self) -> None:
        """Forget the source: somebody else, or the same one in another place (the calibration button)."""
        self._count = 0
        self._mean = np.zeros(3)  # scale and translation
        self._recent: deque[np.ndarray] = deque(maxlen=self._smooth)
        self._shown = 0

    def __call__(self, source: FrameParameters) -> FrameParameters:
        """The target's parameters for a frame of the source."""
        own = self._own_frame()
        if self.mode != "head":
            gaze = source.gaze if self.mode == "face" else self.target.gaze[own]
            return FrameParameters(
                source.expression,
                float(self.target.scale[own]),
                self.target.rotation[own],
                self.target.translation[own],
                gaze,
            )
        now = np.array([source.scale, *source.translation], np.float64)
        self._count += 1
        self._mean += (now - self._mean) / min(self._count, MEMORY)
        scale = now[0] * (self.target.scale.mean() / self._mean[0] if self.scale == "target" else 1.0)
        place = np.clip(now[1:] - self._mean[1:] + self._middle, self._middle - self._reach, self._middle + self._reach)
        self._recent.append(np.array([scale, *place]))
        smoothed = np.mean(self._recent, axis=0)
        return FrameParameters(source.expression, float(smoothed[0]), source.rotation, smoothed[1:], source.gaze)

    def cut(self) -> None:
        """The source jumps: nothing is filtered across."""
        self._recent.clear()

    def _own_frame(self) -> int:
        """The target's own frames, forwards and backwards in turn."""
        length = len(self.target.scale)
        place = self._shown % max(2 * length - 2, 1)
        self._shown += 1
        return int(there_and_back(length, place + 1)[-1])
