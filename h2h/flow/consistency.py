"""Forward-backward consistency: where a flow can be trusted."""

from __future__ import annotations

import numpy as np
import torch

from h2h.flow.resample import resample

RELATIVE = 0.01  # of the two flows' squared lengths
ABSOLUTE = 0.5  # px^2


def consistent(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """Pixels whose point comes back: not occluded in the second frame, not outside it, and not misjudged.

    Sundaram, Brox and Keutzer (2010): |w + w'|^2 < 0.01 (|w|^2 + |w'|^2) + 0.5, where w is the flow at a
    pixel and w' the flow back, read (bilinearly) where w leads. Points that leave the picture are not valid.

    Args:
        forward: (H, W, 2) or (N, H, W, 2), flow from frame t to t + 1 in pixels.
        backward: the same shape, flow from frame t + 1 to t.

    Returns:
        (H, W) or (N, H, W) bool.
    """
    height, width = forward.shape[-3:-1]
    there, back = (flow.reshape(-1, height, width, 2).astype(np.float32) for flow in (forward, backward))
    seen = resample(*(torch.from_numpy(flow).movedim(-1, 1) for flow in (back, there)))
    returned = seen.movedim(1, -1).numpy()
    allowed = RELATIVE * ((there**2).sum(-1) + (returned**2).sum(-1)) + ABSOLUTE
    x, y = np.arange(width) + there[..., 0], np.arange(height)[:, None] + there[..., 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return (inside & (((there + returned) ** 2).sum(-1) < allowed)).reshape(forward.shape[:-1])
