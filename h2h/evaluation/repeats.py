"""Rows of a table from trainings with several seeds and from alternatives, and whether two rows differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from h2h.evaluation.registry import METRICS, networks_of

SCORE = "average_pixel_distance"  # what alternatives are chosen and rows are compared by
LEVEL = 0.95
Evaluations = Mapping[tuple[str, str], dict[str, Any]]  # (person, experiment) -> summary of its evaluation


def over_seeds(summaries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One summary of an experiment's trainings with several seeds.

    Numbers are means, over the seeds that have one. An interval takes in both what the choice of frames leaves open,
    which more seeds do not change as they share the frames, of the seeds that have one; and what the seeds do.
    Metrics on identity features are left out where the seeds' are of several networks.
    """
    if len(summaries) == 1:
        return {**summaries[0], "seeds": 1}
    networks = networks_of(summary["features"] for summary in summaries)
    if len(networks) > 1:
        summaries = [_without_features(summary) | {"features": ", ".join(networks)} for summary in summaries]
    first = summaries[0]
    numbers = {key for one in summaries for key, value in one.items() if isinstance(value, (int, float))}
    joined = {**first, **{key: float(np.mean([s[key] for s in summaries if key in s])) for key in numbers}}
    for key in sorted(key for key in numbers if any(f"{key}_interval" in s for s in summaries)):
        bounded = [(s[key], s[f"{key}_interval"]) for s in summaries if key in s and f"{key}_interval" in s]
        values = np.array([s[key] for s in summaries if key in s])
        joined[f"{key}_interval"] = _widened(bounded, values)
    return {**joined, "frames": first["frames"], "seeds": len(summaries)}


def _without_features(summary: Mapping[str, Any]) -> dict[str, Any]:
    taken = {key for key, metric in METRICS.items() if metric.features}
    return {
        key: value
        for key, value in summary.items()
        if key.removesuffix("_interval").removesuffix("_deviation") not in taken
    }


def _widened(bounded: Sequence[tuple[float, tuple[float, float]]], values: np.ndarray) -> tuple[float, float]:
    """The seeds' intervals, on average as far from the mean as from their values, and widened by Student's t.

    Args:
        bounded: value and interval of the seeds that have one: too few frames have none.
        values: (S,) of all seeds.
    """
    below = np.mean([value - low for value, (low, _) in bounded])
    above = np.mean([high - value for value, (_, high) in bounded])
    middle, half = float(np.mean(values)), 0.0
    if len(values) > 1:
        half = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return middle - float(np.hypot(below, half)), middle + float(np.hypot(above, half))


def join_seeds(evaluations: Evaluations, repeats: Mapping[str, str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Evaluations of experiments, each over all of its seeds.

    Args:
        evaluations: of experiments and of those that repeat them.
        repeats: name -> the experiment that it repeats with another seed.
    """
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for (person, name), summary in evaluations.items():
        found.setdefault((person, repeats.get(name, name)), []).append(summary)
    return {key: over_seeds(summaries) for key, summaries in found.items()}


def best(evaluations: Evaluations, names: Sequence[str]) -> str:
    """The experiment with the least mean pixel distance over the people whom all of them have been scored on.

    The held-out frames decide, which favours the experiment: for a baseline, that is the safe side.
    """
    people = [{person for person, name in evaluations if name == each} for each in names]
    shared = set.intersection(*people)
    if not shared:
        return names[0]
    return min(names, key=lambda name: float(np.mean([evaluations[person, name][SCORE] for person in shared])))


def chosen(table: Sequence[str | Sequence[str]]) -> str:
    """What to say of a table with rows that are the best of several experiments; "" without such a row."""
    if all(isinstance(row, str) or len(row) < 2 for row in table):
        return ""
    return "Where a row has alternatives, the one with the least pixel distance on these test frames is shown."


def difference(evaluations: Evaluations, one: str, other: str) -> dict[str, Any] | None:
    """How much the pixel distance of an experiment exceeds another's, over people; None with fewer than two.

    Returns:
        mean, and the bounds of its 95% interval: Student's t over the people's differences.
    """
    people = sorted({p for p, name in evaluations if name == one} & {p for p, name in evaluations if name == other})
    if len(people) < 2:
        return None
    differences = np.array([evaluations[p, other][SCORE] - evaluations[p, one][SCORE] for p in people])
    error = differences.std(ddof=1) / np.sqrt(len(people))
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(people) - 1) * error)
    mean = float(differences.mean())
    return {"one": one, "other": other, "people": len(people), "mean": mean, "low": mean - half, "high": mean + half}


def in_words(found: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """A `difference` as a sentence."""
    shown = f"{found['mean']:+.2f} ({found['low']:+.2f} to {found['high']:+.2f}) over {found['people']} people"
    certain = "" if found["low"] > 0 or found["high"] < 0 else ": no difference shown"
    return f"{labels[found['other']]} against {labels[found['one']]}: {shown}{certain}"
