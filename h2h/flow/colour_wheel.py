"""Flow as colours: the coding of the Middlebury benchmark (Baker et al. 2011): hue is direction, saturation speed."""

from __future__ import annotations

import numpy as np

# steps from red over yellow, green, cyan, blue and magenta to red: the eye tells more of them apart in some parts
STEPS = (15, 6, 4, 11, 13, 6)
TOO_FAST = 0.75  # brightness of a flow longer than the largest


def colour_wheel() -> np.ndarray:
    """The 55 hues in order, f64 (55, 3), 0 to 1."""
    corners = np.array([(1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 0, 1), (1, 0, 0)], np.float64)
    parts = []
    for i, steps in enumerate(STEPS):
        share = np.floor(255 * np.arange(steps) / steps)[:, None] / 255  # as the benchmark's code rounds
        parts.append(corners[i] + share * (corners[i + 1] - corners[i]))
    return np.concatenate(parts)


def flow_to_colours(flow: np.ndarray, largest: float | None = None, known: np.ndarray | None = None) -> np.ndarray:
    """Draw a flow: none is white, to the right is red, down yellow, to the left light blue, up violet.

    Args:
        flow: (..., H, W, 2), px.
        largest: length that has the full colour; longer ones are darker. The flow's own largest one unless given.
        known: bool (..., H, W); elsewhere, and where the flow is not finite, it is black.

    Returns:
        u8 (..., H, W, 3), RGB.
    """
    valid = np.isfinite(flow).all(axis=-1)
    valid = valid if known is None else valid & known
    u, v = np.moveaxis(np.where(valid[..., None], flow, 0).astype(np.float64), -1, 0)
    speed = np.hypot(u, v)
    if largest is None:
        largest = float(speed.max(initial=0))
    speed = speed / largest if largest > 0 else speed
    wheel = colour_wheel()
    place = (np.arctan2(-v, -u) / np.pi + 1) / 2 * (len(wheel) - 1)
    lower = place.astype(np.int64)
    share = (place - lower)[..., None]
    hue = (1 - share) * wheel[lower] + share * wheel[(lower + 1) % len(wheel)]
    speed = speed[..., None]
    colours = np.where(speed <= 1, 1 - speed * (1 - hue), TOO_FAST * hue)
    return np.where(valid[..., None], np.floor(255 * colours), 0).astype(np.uint8)
