"""Hybrid parameters for reenactment: who gives what (both papers' transfer, numbers of the public release)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Parameters:
    """Tracked parameters of T frames of one person, as the tracking stage stores them.

    Attributes:
        identity: (n_i,), s_id.
        expression: (T, n_e), s_exp.
        scale: (T,), crop fractions a millimetre.
        rotation: (T, 4), quaternions.
        translation: (T, 2), crop fractions.
        gaze: (T, 2, 2), radians.
    """

    identity: np.ndarray
    expression: np.ndarray
    scale: np.ndarray
    rotation: np.ndarray
    translation: np.ndarray
    gaze: np.ndarray


def transfer(
    source: Parameters,
    target: Parameters,
    mode: str = "head",
    scale: str = "target",
    translation_sigmas: float = 2.0,
    smooth_frames: int = 15,
    segment: np.ndarray | None = None,
) -> Parameters:
    """Mix a driving person's motion with a target's identity.

    Args:
        source: the driving person, T frames.
        target: the person who will be seen; mode "head" takes only statistics of its cameras, the other modes its
            cameras frame by frame, forwards and backwards in turn when there are fewer than T.
        mode: "head" transfers pose, expression and gaze; "face" expression and gaze in the target's own pose;
            "expression" the expression alone (the target's own pose and gaze).
        scale: "target" fits the source's scale to the target's mean (Head2Head III.B), "source" keeps it (FS 3.2).
        translation_sigmas: mode "head" moves the source's mean position to the target's and clamps to so many of the
            target's standard deviations around it.
        smooth_frames: width of the box filter over scale and translation in mode "head"; rotation is left as it is.
        segment: int (T,), of the source; nothing is filtered across segments.

    Returns:
        The target's identity with T frames.
    """
    count = len(source.scale)
    if mode == "head":
        scales = source.scale.astype(np.float64)
        if scale == "target":
            scales = scales * (target.scale.mean() / source.scale.mean())
        middle, spread = target.translation.mean(axis=0), target.translation.std(axis=0)
        moved = source.translation - source.translation.mean(axis=0) + middle
        moved = np.clip(moved, middle - translation_sigmas * spread, middle + translation_sigmas * spread)
        segment = np.zeros(count, int) if segment is None else segment
        return replace(
            source,
            identity=target.identity,
            scale=box_filter(scales[:, None], smooth_frames, segment)[:, 0],
            translation=box_filter(moved, smooth_frames, segment),
        )
    own = there_and_back(len(target.scale), count)
    return Parameters(
        identity=target.identity,
        expression=source.expression,
        scale=target.scale[own],
        rotation=target.rotation[own],
        translation=target.translation[own],
        gaze=source.gaze if mode == "face" else target.gaze[own],
    )


def there_and_back(length: int, count: int) -> np.ndarray:
    """The first `count` frames of 0, 1, ..., length - 1, length - 2, ..., 1, 0, 1, ...: no jump at the ends."""
    if length == 1:
        return np.zeros(count, np.int64)
    place = np.arange(count) % (2 * length - 2)
    return np.minimum(place, 2 * length - 2 - place)


def box_filter(values: np.ndarray, width: int, segment: np.ndarray) -> np.ndarray:
    """Centred moving average within segments; near their ends over the frames that there are.

    Args:
        values: (T, D).
        width: frames, made odd by rounding down; 1 or less changes nothing.
        segment: (T,).

    Returns:
        f64 (T, D).
    """
    out = np.array(values, np.float64)
    reach = (width - 1) // 2
    if reach < 1:
        return out
    for number in np.unique(segment):
        rows = np.flatnonzero(segment == number)
        sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values[rows], axis=0, dtype=np.float64)])
        first = np.maximum(np.arange(len(rows)) - reach, 0)
        last = np.minimum(np.arange(len(rows)) + reach + 1, len(rows))
        out[rows] = (sums[last] - sums[first]) / (last - first)[:, None]
    return out
