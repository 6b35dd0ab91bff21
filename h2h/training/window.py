"""Which frames belong together: runs without a break, and the few-shot window of the fine-tuning stage."""

from __future__ import annotations

import numpy as np


def runs(segment: np.ndarray, usable: np.ndarray | None = None) -> list[tuple[int, int]]:
    """Longest stretches of consecutive frames of one segment that are all usable.

    Args:
        segment: (T,) ints, see docs/artifacts.md.
        usable: (T,) bool; None: all.

    Returns:
        (first, one after last) of each, in order.
    """
    found: list[tuple[int, int]] = []
    start = None
    for t in range(len(segment) + 1):
        inside = t < len(segment) and (usable is None or bool(usable[t]))
        if start is not None and (not inside or segment[t] != segment[start]):
            found.append((start, t))
            start = None
        if inside and start is None:
            start = t
    return found


def finetune_window(train_frames: int, frames: int, seed: int, segment: np.ndarray, name: str = "") -> int:
    """First frame of the consecutive training frames that the few-shot stage sees.

    Windows within one segment go before windows with a cut; among them the draw is uniform and depends on
    the person's name and the seed only.

    Args:
        train_frames: the training split is [0, train_frames).
        frames: length of the window; a longer one than the split means the whole split.
        seed: of the draw.
        segment: (T,) ints with T >= train_frames.
        name: the person.

    Returns:
        The first frame, in [0, train_frames - frames] (0 if the split is no longer than the window).
    """
    if frames >= train_frames:
        return 0
    starts = np.arange(train_frames - frames + 1)
    whole = starts[np.asarray(segment)[starts] == np.asarray(segment)[starts + frames - 1]]
    choices = whole if len(whole) else starts
    rng = np.random.default_rng([seed, *name.encode()])
    return int(choices[rng.integers(len(choices))])
