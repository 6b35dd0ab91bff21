"""Other colours, noise, and other places for pairs of frames (Dosovitskiy et al. 2015, section 4.3).

The draws come from NumPy generators: what a seed gives does not depend on the device.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from h2h.flow_training.pairs import Known, Pairs

UNLIKE = 0.02  # how much the second frame's light may differ, over the whole change
LARGEST_SHIFT = 0.1  # over the side, at full strength


def recolour(pairs: Pairs, strength: float, noise: float, rng: np.random.Generator) -> Pairs:
    """Change contrast, brightness, colours and gamma of both frames alike, their light a little apart, and add noise.

    Args:
        pairs: what to change.
        strength: 0 to 1; largest relative change of contrast and colour, of gamma (its logarithm), and of
            brightness over 2.5 (of the whole range).
        noise: largest standard deviation, grey levels; half of the pairs have none.
        rng: the draw.
    """

    def drawn(scale: float, channels: int = 1) -> Tensor:
        values = scale * rng.uniform(-1, 1, (len(pairs.first), channels, 1, 1))
        return torch.from_numpy(values).float().to(pairs.first.device)

    gain, offset, gamma = 1 + drawn(strength, 3), 255 / 2.5 * drawn(strength), drawn(strength).exp()
    unlike = 1 + UNLIKE * drawn(strength), 255 / 2.5 * UNLIKE * drawn(strength)
    deviation = (noise * drawn(1.0)).clamp_min(0)
    grainy = deviation.flatten().nonzero()[:, 0]
    changed = []
    for number, frame in enumerate((pairs.first, pairs.second)):
        seen = ((gain * frame + offset) / 255).clamp(0, 1) ** gamma * 255
        seen = seen * unlike[0] + unlike[1] if number else seen
        grain = rng.standard_normal((len(grainy), *frame.shape[1:]), np.float32)
        seen[grainy] += deviation[grainy] * torch.from_numpy(grain).to(frame.device)
        changed.append(seen.clamp(0, 255))
    return Pairs(*changed, pairs.known)


def move(pairs: Pairs, amount: float, drift: float, rng: np.random.Generator) -> Pairs:
    """Mirror half of the pairs left to right; turn, zoom and shift all, frames and flows alike.

    Then shift the second frames of half of the pairs against the first, more often a little than far: other motions
    than those of the data. What comes from beyond the old frames' borders repeats them and, in the first frame, is
    masked out.

    Args:
        pairs: what to change.
        amount: 0 to 1; largest turn (radians) and change of size (its logarithm), and shift over a tenth of the side.
        drift: largest shift of a second frame, px.
        rng: the draw.
    """
    count = len(pairs.first)
    turn, zoom = amount * rng.uniform(-1, 1, (2, count))
    side = np.where(rng.random(count) < 0.5, -1.0, 1.0)
    cos, sin = np.exp(zoom) * np.cos(turn), np.exp(zoom) * np.sin(turn)
    forward = np.stack((side * cos, -sin, side * sin, cos), 1).reshape(-1, 2, 2)
    shift = 2 * LARGEST_SHIFT * amount * rng.uniform(-1, 1, (count, 2))
    towards, far = rng.uniform(0, 2 * np.pi, count), drift * rng.random(count) ** 2 * (rng.random(count) < 0.5)
    further = far[:, None] * np.stack((np.cos(towards), np.sin(towards)), 1)
    return _transform(pairs, *(torch.from_numpy(x).float().to(pairs.first.device) for x in (forward, shift, further)))


def cropped(pairs: Pairs, side: int, rng: np.random.Generator) -> Pairs:
    """A square of `side` px at a random place of each pair; the whole where that is no larger."""
    height, width = pairs.first.shape[-2:]
    if side >= min(height, width):
        return pairs
    tops, lefts = (rng.integers(0, room - side, len(pairs.first), endpoint=True) for room in (height, width))

    def cut(maps: Tensor) -> Tensor:
        places = zip(maps, tops, lefts, strict=True)
        return torch.stack([m[..., top : top + side, left : left + side] for m, top, left in places])

    known = {part: Known(cut(k.flow), cut(k.mask)) for part, k in pairs.known.items()}
    return Pairs(cut(pairs.first), cut(pairs.second), known)


def _transform(pairs: Pairs, forward: Tensor, shift: Tensor, further: Tensor) -> Pairs:
    """Move the point p, from -1 to 1 in a picture, to `forward` p + `shift`; (B, 2, 2) and (B, 2).

    In the second frame `further` (B, 2) px besides.
    """
    back = torch.linalg.inv(forward)  # affine_grid wants, for every output place, the input place
    side = torch.tensor(pairs.first.shape[:1:-1], device=further.device)  # width, height
    grid, second = (
        F.affine_grid(torch.cat((back, -back @ at[..., None]), 2), list(pairs.first.shape), align_corners=False)
        for at in (shift, shift + 2 * further / side)
    )

    def warp(maps: Tensor, padding: str = "border", grid: Tensor = grid) -> Tensor:
        return F.grid_sample(maps, grid, mode="bilinear", padding_mode=padding, align_corners=False)

    known = {}
    for part, k in pairs.known.items():
        share = warp(k.mask, "zeros")
        mean = warp(torch.where(k.mask > 0, k.flow * k.mask, 0.0), "zeros") / share.clamp_min(1e-6)
        flow = torch.einsum("bij,bjhw->bihw", forward, mean) + further[..., None, None]
        known[part] = Known(flow, (share > 0.99).float())
    return Pairs(warp(pairs.first), warp(pairs.second, grid=second), known)
