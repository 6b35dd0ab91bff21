"""Tables II and III of Head2Head and its preference test, from the answers of a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from h2h.study.interval import share_interval
from h2h.study.plan import Key, Plan, Preference, Shown
from h2h.study.result import Preferred, Rated, Result

SELF = "self"
REAL_FROM = 4  # ratings of 4 and 5 count as "real" (IV.E)
AVERAGE = "average"
MODES = {"head": "full-reenact.", "face": "face-reenact.", "expression": "expression only"}


def study_tables(plan: Plan, key: Key, results: Sequence[Result], samples: int, seed: int) -> dict[str, pd.DataFrame]:
    """All tables of a study.

    Args:
        plan: of the study.
        key: which clip is what.
        results: one of each participant, at least one.
        samples: bootstrap samples of the intervals.
        seed: of the bootstrap.

    Returns:
        `table2` (self-reenactment) and `table3` (driven by others), a row for each video: how often each rating was
        given to its synthesised clips, the share of 4 and 5 with its interval, and the same for the person's real
        clips; `preference`, a row for each comparison: how often ours was chosen. Only those that the study has.
    """
    given = {one.trial: [] for one in (*plan.ratings, *plan.preferences)}
    for result in results:
        for answer in result.answers:
            given[answer.trial].append(answer)
    ratings = {one.clip: np.array([a.rating for a in given[one.trial] if isinstance(a, Rated)]) for one in plan.ratings}
    real: dict[str, list[str]] = {}
    made: dict[str, dict[str, list[str]]] = {"table2": {}, "table3": {}}
    for clip in ratings:
        shown = key.clips[clip]
        if shown.real:
            real.setdefault(shown.person, []).append(clip)
        else:
            name = "table2" if shown.transfer == SELF else "table3"
            made[name].setdefault(video(shown), []).append(clip)
    tables = {
        name: pd.DataFrame(_rows(videos, real, key, ratings, samples, seed)) for name, videos in made.items() if videos
    }
    if plan.preferences:
        chosen = {t: [a.chosen for a in given[t] if isinstance(a, Preferred)] for t in given}
        tables["preference"] = pd.DataFrame(_preferences(plan.preferences, key, chosen, samples, seed))
    return tables


def video(shown: Shown) -> str:
    """What a synthesised video is called in the tables."""
    if shown.transfer == SELF:
        return shown.person
    return f"{shown.person}, driven by {shown.source} ({MODES.get(str(shown.transfer), shown.transfer)})"


def _rows(
    videos: dict[str, list[str]],
    real: dict[str, list[str]],
    key: Key,
    ratings: dict[str, np.ndarray],
    samples: int,
    seed: int,
) -> list[dict[str, Any]]:
    """A row for each video, and their average as the paper has it: of the counts, and of the shares."""
    rows, columns = [], {"synthesised": [], "real": []}
    for name, clips in sorted(videos.items()):
        sides = {"synthesised": clips, "real": real.get(key.clips[clips[0]].person, [])}
        row: dict[str, Any] = {"video": name}
        for side, chosen in sides.items():
            found = np.stack([ratings[clip] for clip in chosen], axis=1) if chosen else np.empty((0, 0), int)
            columns[side].append(found)
            row |= _side(side, [found], samples, seed)
        rows.append(row)
    if len(rows) > 1:
        sides = [_side(side, found, samples, seed) for side, found in columns.items()]
        rows.append({"video": AVERAGE, **sides[0], **sides[1]})
    return rows


def _side(side: str, found: list[np.ndarray], samples: int, seed: int) -> dict[str, Any]:
    """Counts and share of one or several videos; `found` holds their (participants, clips) ratings."""
    found = [one for one in found if one.size]
    counts = {f"{side}_{n}": float(np.mean([(one == n).sum() for one in found])) if found else 0.0 for n in range(1, 6)}
    answers = np.concatenate([one >= REAL_FROM for one in found], axis=1) if found else np.empty((0, 0), bool)
    share, low, high = share_interval(answers, samples, seed)
    return {**counts, f"{side}_share": share, f"{side}_low": low, f"{side}_high": high}


def _preferences(
    trials: Sequence[Preference], key: Key, chosen: dict[str, list[str]], samples: int, seed: int
) -> list[dict[str, Any]]:
    """A row for each comparison, and one for each baseline that there are several of."""
    of_baseline: dict[str, list[tuple[str, np.ndarray]]] = {}
    for one in trials:
        ours, other = sorted(one.pair, key=lambda clip: key.clips[clip].baseline)
        hits = np.array([clip == ours for clip in chosen[one.trial]])[:, None]
        of_baseline.setdefault(str(key.clips[other].method), []).append((video(key.clips[ours]), hits))
    rows = []
    for baseline, comparisons in sorted(of_baseline.items()):
        several = [(AVERAGE, np.concatenate([hits for _, hits in comparisons], axis=1))] if len(comparisons) > 1 else []
        for name, hits in [*sorted(comparisons, key=lambda pair: pair[0]), *several]:
            share, low, high = share_interval(hits, samples, seed)
            counts = {"ours": int(hits.sum()), "answers": hits.size}
            rows.append({"video": name, "baseline": baseline, **counts, "share": share, "low": low, "high": high})
    return rows
