"""Draws a person frame after frame with the exported network."""

from __future__ import annotations

import numpy as np

from h2h.models.runtimes import Runtime
from h2h.person.history import History


class PersonRenderer:
    """Conditional images in, the person on black and the mask out; each frame builds on those before.

    Args:
        network: runs the exported generator.
        size: S, px.
        gaze: whether the network takes gaze images.
        condition_frames: conditional inputs that it sees.
        history_frames: previous outputs that it sees.
    """

    def __init__(self, network: Runtime, size: int, gaze: bool, condition_frames: int, history_frames: int):
        self._network, self._gaze = network, gaze
        self._history = History(size, 6 if gaze else 3, condition_frames, history_frames)

    def reset(self) -> None:
        """The next frame follows on none."""
        self._history.reset()

    def __call__(self, nmfc: np.ndarray, gaze: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draw a frame.

        Args:
            nmfc: (S, S, 3) uint8.
            gaze: (S, S, 3) uint8; not looked at by a network without gaze.

        Returns:
            The person on black (S, S, 3) uint8 and the foreground mask (S, S) uint8.
        """
        condition, previous = self._history.inputs(to_condition(nmfc, gaze if self._gaze else None))
        frame, mask = self._network(condition, previous)
        self._history.push(frame)
        return to_pictures(frame[0], mask[0])


def to_condition(nmfc: np.ndarray, gaze: np.ndarray | None) -> np.ndarray:
    """NMFC and gaze images uint8 (S, S, 3) -> f32 (3 or 6, S, S) in [-1, 1]; `training.clips.condition` in NumPy."""
    picture = nmfc if gaze is None else np.concatenate((nmfc, gaze), axis=-1)
    scaled = np.moveaxis(picture, -1, 0).astype(np.float32)
    scaled /= 127.5
    scaled -= 1
    return scaled


def to_pictures(frame: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Network outputs f32 (3, S, S) and (1, S, S) -> uint8 (S, S, 3), (S, S); `training.synthesis.to_pictures`."""
    alpha = np.clip(mask, 0, 1)
    colour = np.minimum(np.clip((frame + 1) / 2, 0, 1), alpha)
    as_bytes = [np.rint(x * np.float32(255)).astype(np.uint8) for x in (colour, alpha)]
    return np.ascontiguousarray(np.moveaxis(as_bytes[0], 0, -1)), as_bytes[1][0]
