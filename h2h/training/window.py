"""Which frames belong together: runs without a break, and the frames that the fine-tuning stage sees."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import minimum_filter1d
from scipy.spatial.distance import cdist

REFERENCES = 1000  # frames of a longer video that `covering_window` compares with


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


def drawn_window(frames: int, segment: np.ndarray, seed: int, name: str = "") -> int:
    """First frame of a run of consecutive frames, drawn uniformly by seed (FS section 4, "randomly select").

    Runs within one segment go before runs with a cut; the draw depends on the person's name and the seed only.

    Args:
        frames: length of the run; a longer one than the video means all of it.
        segment: (T,) ints, of the training split.
        seed: of the draw.
        name: the person.

    Returns:
        The first frame, in [0, max(T - frames, 0)].
    """
    choices = _starts(frames, segment)
    rng = np.random.default_rng([seed, *name.encode()])
    return int(choices[rng.integers(len(choices))])


def covering_window(frames: int, segment: np.ndarray, landmarks: np.ndarray, tracked: np.ndarray) -> int:
    """First frame of the run of consecutive frames that shows most of what the person does.

    What a frame shows is the shape of its landmarks without place and size: head turns, mouth and eyes. The run is
    the one to which the frames of the whole split are closest on average, each to its nearest frame in the run.

    Args:
        frames: length of the run; a longer one than the video means all of it.
        segment: (T,) ints, of the training split.
        landmarks: (T, 68, 2), any unit.
        tracked: (T,) bool; runs without untracked frames go first.

    Returns:
        The first frame, in [0, max(T - frames, 0)].
    """
    choices = _starts(frames, segment, tracked)
    if len(choices) == 1:
        return int(choices[0])
    centred = landmarks.astype(np.float64) - landmarks.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(centred).sum(axis=(1, 2), keepdims=True))
    shapes = (centred / np.maximum(size, np.finfo(np.float64).tiny)).reshape(len(landmarks), -1)
    known = np.flatnonzero(tracked) if tracked.any() else np.arange(len(tracked))
    some = known[np.linspace(0, len(known) - 1, min(len(known), REFERENCES)).round().astype(int)]
    # Column t: the distance of every reference to its nearest among frames t ... t + frames - 1.
    nearest = minimum_filter1d(cdist(shapes[some], shapes), frames, axis=1, mode="nearest", origin=-(frames // 2))
    return int(choices[nearest[:, choices].mean(axis=0).argmin()])


def _starts(frames: int, segment: np.ndarray, tracked: np.ndarray | None = None) -> np.ndarray:
    """Where a run may begin: best all tracked within a segment, else within a segment, else anywhere."""
    if frames >= len(segment):
        return np.zeros(1, int)
    for usable in (tracked, None):
        found = [np.arange(a, b - frames + 1) for a, b in runs(segment, usable) if b - a >= frames]
        if found:
            return np.concatenate(found)
    return np.arange(len(segment) - frames + 1)
