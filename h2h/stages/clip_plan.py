"""What is known of a clip before its frames are stored, and how clips of several rates get a common one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ALIKE = 1.05  # rates that differ less count as one


@dataclass(frozen=True)
class ClipPlan:
    """What the first pass over a clip found out.

    Attributes:
        path: the clip.
        times: (n,) seconds of the sampled frames.
        segments: (n,) number of the run between two cuts.
        usable: (n,) whether the person is there and inside the crop.
        reasons: (n,) why a frame is not usable, "" where it is.
        crop: (3,) the clip's square; NaN when the person is nowhere.
        shape: width and height of the clip, px.
        taken: (m,) which of the frames sampled at `frames.fps` these n are.
    """

    path: Path
    times: np.ndarray
    segments: np.ndarray
    usable: np.ndarray
    reasons: list[str]
    crop: np.ndarray
    shape: tuple[int, int]
    taken: np.ndarray

    @property
    def lasts(self) -> float:
        """Seconds from the first to the last frame."""
        return float(self.times[-1] - self.times[0]) if len(self.times) else 0.0

    @property
    def rate(self) -> float | None:
        """Sampled frames a second; None for one frame, or for frames that have all the same time."""
        return (len(self.times) - 1) / self.lasts if self.lasts > 0 else None


def at_one_rate(plans: list[ClipPlan], fps: float) -> list[ClipPlan]:
    """The clips at `fps`, the rate of the slowest: what is learned and played back has one rate.

    Clips that are about as slow stay as they are: the last frame's time makes a short one seem slower than it is.
    """
    slowest = min((len(plan.times) / plan.lasts for plan in plans if plan.lasts > 0), default=fps)
    return [_thinned(plan, fps) if (plan.rate or 0.0) > ALIKE * slowest else plan for plan in plans]


def _thinned(plan: ClipPlan, fps: float) -> ClipPlan:
    """As if the clip had been sampled at `fps`, see `sampled_frames`."""
    taken, due = np.zeros(len(plan.times), bool), 0.0
    for i, time in enumerate(plan.times):
        if time >= due - 5e-4:
            taken[i], due = True, max(due + 1.0 / fps, time)
    return replace(
        plan,
        times=plan.times[taken],
        segments=plan.segments[taken],
        usable=plan.usable[taken],
        reasons=[reason for reason, kept in zip(plan.reasons, taken, strict=True) if kept],
        taken=taken,
    )
