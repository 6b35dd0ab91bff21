"""Frames out of X2Face: frames of the target are warped to one embedded face, and that after the driving frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from h2h.models.x2face import X2Face, warp
from h2h.training.clips import on_black
from h2h.training.precision import Precision
from h2h.training.synthesis import to_pictures

SOURCES_AT_ONCE = 8


@torch.inference_mode()
def embedded_face(network: X2Face, frames: np.ndarray, masks: np.ndarray) -> Tensor:
    """A person's embedded face with its alpha.

    X2Face knows no foreground: its mask is that of the source frames, warped as their colours are.

    Args:
        network: trained, in evaluation mode.
        frames: (M, S, S, 3) uint8, the source frames.
        masks: (M, S, S) uint8.

    Returns:
        (1, 4, S, S) in [0, 1], float32: colours times alpha, and alpha.
    """
    device, sums = network.places.device, None
    for first in range(0, len(frames), SOURCES_AT_ONCE):
        some = slice(first, first + SOURCES_AT_ONCE)
        sources, alpha = (x.to(device) for x in on_black(frames[some], masks[some]))
        parts = network.embed(sources, torch.cat(((sources + 1) / 2, alpha), 1))
        added = [part.sum(0, keepdim=True) for part in parts]
        sums = added if sums is None else [a + b for a, b in zip(sums, added, strict=True)]
    assert sums is not None
    return sums[0] / sums[1]


@torch.inference_mode()
def drive(
    network: X2Face,
    sources: tuple[np.ndarray, np.ndarray],
    driving: Iterable[tuple[np.ndarray, np.ndarray]],
    precision: Precision,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Synthesise a video of the person in the source frames; every frame by itself, X2Face knows no time.

    Args:
        network: trained, in evaluation mode.
        sources: frames (M, S, S, 3) and masks (M, S, S), uint8.
        driving: true frames (S, S, 3) and their masks (S, S) of whoever drives, uint8, one after the other.
        precision: to compute in.

    Yields:
        The person on black (S, S, 3) uint8 and the foreground mask (S, S) uint8.
    """
    device = network.places.device

    def computing() -> torch.autocast:
        return precision.computing(device)

    with computing():
        face = embedded_face(network, *sources)
    for frame, mask in driving:
        with computing():
            made = warp(face, network.drive(on_black(frame, mask)[0].to(device)[None]))[0]
        yield to_pictures(2 * made[:3] - 1, made[3:])
