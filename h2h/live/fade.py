"""A picture that stands still because there is no face."""

from __future__ import annotations

import numpy as np


def faded(picture: np.ndarray, strength: float) -> np.ndarray:
    """A picture (S, S, 3 or 4) uint8 that says that it stands still: darker and greyer. `strength` in [0, 1]."""
    if strength <= 0:
        return picture
    colour = picture[..., :3].astype(np.float32)
    grey = colour.mean(axis=-1, keepdims=True)
    still = (colour + strength * (grey - colour)) * (1 - 0.5 * strength)
    return np.dstack([still.round().astype(np.uint8), picture[..., 3:]])
