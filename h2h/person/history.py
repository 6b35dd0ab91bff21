"""Autoregression without torch: NumPy's twin of `h2h.models.sequence.History` for one clip."""

from __future__ import annotations

import numpy as np


class History:
    """The last outputs and the conditional input of the last frames, in buffers that are kept.

    Before the first frame the outputs are zeros and the condition is the first frame's, repeated.

    Args:
        size: S, px.
        channels: of one frame's conditional input.
        condition_frames: conditional inputs that the network sees.
        history_frames: previous outputs that it sees.
    """

    def __init__(self, size: int, channels: int, condition_frames: int, history_frames: int):
        self._conditions = np.zeros((condition_frames, channels, size, size), np.float32)
        self._frames = np.zeros((history_frames, 3, size, size), np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next frame is a first one."""
        self._frames[:] = 0
        self._started = False

    def inputs(self, condition: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The network's two inputs for the frame whose condition f32 (C, S, S) in [-1, 1] is given.

        Returns:
            (1, condition_frames * C, S, S) and (1, 3 * history_frames, S, S), oldest first; views that the next call
            changes.
        """
        if not self._started:
            self._conditions[:] = condition
            self._started = True
        _shift(self._conditions, condition)
        size = condition.shape[1:]
        return self._conditions.reshape(1, -1, *size), self._frames.reshape(1, len(self._frames) * 3, *size)

    def push(self, frame: np.ndarray) -> None:
        """Remember an output (1, 3, S, S)."""
        if len(self._frames):
            _shift(self._frames, frame[0])


def _shift(rows: np.ndarray, newest: np.ndarray) -> None:
    rows[:-1] = rows[1:]  # NumPy copes with the overlap
    rows[-1] = newest
