"""Clips of several rates get that of the slowest; clips of one rate are left alone."""

from pathlib import Path

import numpy as np

from h2h.stages.clip_plan import ClipPlan, at_one_rate


def plan(times, usable=None):
    count = len(times)
    usable = np.ones(count, bool) if usable is None else usable
    reasons = ["" if one else "no face" for one in usable]
    taken = np.ones(count, bool)
    return ClipPlan(Path("a.mp4"), np.array(times), np.arange(count) // 10, usable, reasons, np.ones(3), (9, 9), taken)


def test_a_faster_clip_is_thinned_with_all_that_is_known_of_it():
    fast, slow = plan(np.arange(40) / 20, np.arange(40) != 4), plan(np.arange(15) / 5)
    found, same = at_one_rate([fast, slow], 5.0)
    assert same is slow and found.times.tolist() == [i / 5 for i in range(10)]
    assert np.flatnonzero(found.taken).tolist() == list(range(0, 40, 4)) and len(found.taken) == 40
    assert found.reasons == ["", "no face", *[""] * 8] and not found.usable[1] and found.usable.sum() == 9
    assert found.segments.tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 3, 3]


def test_clips_of_one_rate_stay_as_they_are():
    """25 frames a second sampled at 20: the times jitter, which makes a clip of four frames seem slower."""
    short, long = plan([0.0, 0.08, 0.12, 0.16]), plan(np.arange(100) / 20)
    assert short.rate < 19 < long.rate
    assert all(a is b for a, b in zip(at_one_rate([short, long], short.rate), [short, long], strict=True))


def test_clips_without_a_rate_do_not_count():
    single, several = plan([0.0]), plan(np.arange(30) / 20)
    assert single.rate is None and plan([1.0, 1.0]).rate is None
    assert all(a is b for a, b in zip(at_one_rate([single, several], 20.0), [single, several], strict=True))
    assert at_one_rate([single], 20.0) == [single]
