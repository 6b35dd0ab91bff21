"""Whether a forgery detector sees that frames are synthesised: the automated study (FS section 4, Head2Head IV.D).

The papers ask a published network. Here a detector is trained on true faces and on the frames of the baselines, and
then shown the frames of methods that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from h2h.evaluation.bootstrap import BLOCK, block_interval
from h2h.evaluation.forgery_detector import ForgeryDetector, train_detector

REAL = "real"  # the kind of a clip that nobody made
TRAINED, GAP = 0.45, 0.1  # shares of the held-out frames: trained on, left out; the rest is judged
FAKE = 0.5  # from this probability on, a frame is called synthesised
Judge = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Clip:
    """Frames that are all true, or all made by one method.

    Attributes:
        kind: "real", or the experiment that made them.
        person: who is seen.
        driver: whose motion it is.
        index: (T,) frames of the driver's video, ascending.
        features: (T, D) what a detector is shown of them.
        stride: of so many frames of the clip, one is here.
    """

    kind: str
    person: str
    driver: str
    index: np.ndarray
    features: np.ndarray
    stride: float = 1.0


@dataclass(frozen=True)
class Split:
    """Two runs of a person's held-out frames: the detector is trained before `trained`, and judges from `judged` on."""

    trained: int
    judged: int

    @classmethod
    def of(cls, first: int, count: int) -> Split:
        """Of a video of `count` frames, held out from `first` on."""
        held = count - first
        return cls(first + round(TRAINED * held), first + round((TRAINED + GAP) * held))


def study(
    clips: Sequence[Clip], splits: dict[str, Split], known: Iterable[str], penalty: float, samples: int, seed: int
) -> dict[str, Any]:
    """Train detectors and let them judge.

    Of a person whose synthesised frames a detector is trained on, both the true and the synthesised frames are split by
    time. For the false alarms on somebody unseen, a detector is trained without that person, and judges all frames.

    Args:
        clips: everybody's true frames and all synthesised ones.
        splits: person -> the split of the held-out frames.
        known: kinds that detectors are trained on.
        penalty: of `train_detector`.
        samples, seed: of the bootstrap over blocks of frames.

    Returns:
        `judged`: a record a clip and detector, see `verdict`; `one_kind`: what a detector trained on one kind alone
        makes of the others; empty without any synthesised frames of a known kind to train on.
    """
    kinds = _learnable(clips, splits, known)
    shown = {c.person for c in clips if c.kind in kinds}
    if not kinds:
        return {"known": [], "judged": [], "one_kind": []}
    judge = _trained(clips, splits, kinds, shown, penalty)
    later = [_later(c, splits) if c.person in shown and c.driver == c.person else c for c in clips]
    main = [c for c in later if c.person in shown]
    judged = [verdict(judge, c, kinds, True, samples, seed) for c in main]
    for person in sorted({c.person for c in clips}):
        others = [c for c in clips if person not in (c.person, c.driver)]
        if there := _learnable(others, splits, kinds):
            unseen = _trained(others, splits, there, shown, penalty)
            judged += [
                verdict(unseen, c, there, False, samples, seed) for c in clips if _self(c) and c.person == person
            ]
    single = {kind: _trained(clips, splits, [kind], shown, penalty) for kind in kinds}
    tested = [c for c in main if _self(c)]
    one_kind = [{"known": k, **verdict(j, c, [k], True, samples, seed)} for k, j in single.items() for c in tested]
    return {"known": kinds, "judged": judged, "one_kind": one_kind}


def judged_by(judge: Judge, clips: Iterable[Clip], samples: int, seed: int) -> list[dict[str, Any]]:
    """What a detector that was trained elsewhere makes of all clips; it has seen nobody and no kind."""
    return [verdict(judge, clip, [], False, samples, seed) for clip in clips]


def verdict(
    judge: Judge, clip: Clip, known: Sequence[str], person_seen: bool, samples: int, seed: int
) -> dict[str, Any]:
    """The share of a clip's frames that are called synthesised, with a 95% interval over blocks of frames.

    Of true frames the share is the rate of false alarms, of others the accuracy.
    """
    called = (judge(clip.features) >= FAKE).astype(np.float64)
    block = max(round(BLOCK / clip.stride), 1)  # a block spans as many frames of the clip, whichever of them are here
    low, high = block_interval(called, samples, seed, block)
    return {
        "kind": clip.kind,
        "person": clip.person,
        "driver": clip.driver,
        "kind_known": clip.kind in known,
        "person_known": person_seen,
        "frames": len(called),
        "called_synthesised": float(called.mean()) if len(called) else float("nan"),
        "low": low,
        "high": high,
    }


def _trained(
    clips: Iterable[Clip], splits: dict[str, Split], kinds: Sequence[str], shown: set[str], penalty: float
) -> ForgeryDetector:
    """A detector of some kinds; of the people `shown` it sees the earlier frames only."""
    own = [_earlier(c, splits) if c.person in shown else c for c in clips if _self(c)]
    real = [c for c in own if c.kind == REAL]
    # who is also seen synthesised counts for half of the true frames: else a face might be learned instead
    groups = [[c.features for c in real if (c.person in shown) is side] for side in (True, False)]
    return train_detector(groups, [[c.features for c in own if c.kind == kind] for kind in kinds], penalty)


def _learnable(clips: Iterable[Clip], splits: dict[str, Split], kinds: Iterable[str]) -> list[str]:
    """The kinds that a detector can be trained on: they and true frames are there before the splits.

    A synthesised frame without a face does not count, and there may be few frames.
    """
    early = {c.kind for c in clips if _self(c) and len(_earlier(c, splits).index)}
    return [kind for kind in kinds if kind in early] if REAL in early else []


def _self(clip: Clip) -> bool:
    return clip.person == clip.driver


def _earlier(clip: Clip, splits: dict[str, Split]) -> Clip:
    return _part(clip, clip.index < splits[clip.person].trained)


def _later(clip: Clip, splits: dict[str, Split]) -> Clip:
    return _part(clip, clip.index >= splits[clip.person].judged)


def _part(clip: Clip, kept: np.ndarray) -> Clip:
    return replace(clip, index=clip.index[kept], features=clip.features[kept])
