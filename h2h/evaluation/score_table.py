"""A table of scores on held-out frames: one row a person and experiment, and the mean over the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from h2h.config.base import MEAN
from h2h.evaluation import registry
from h2h.evaluation.published_settings import Setting
from h2h.evaluation.repeats import SCORE, Evaluations, best, difference, join_seeds

METRICS = {key: metric.label for key, metric in registry.METRICS.items() if metric.block != "transfer"}
HIGHER = tuple(key for key, metric in registry.METRICS.items() if metric.higher)  # is better
# published_results.yaml: where each table is, and what its rows and metrics are called
PUBLISHED = {
    "table1": ("h2hfs", "table1_self_reenactment"),
    "table2": ("h2hfs", "table2_initialization"),
    "table3": ("h2hfs", "table3_discriminators"),
    "table1a": ("h2h", "table1a_flow"),
    "table1b": ("h2h", "table1b_mouth_discriminator"),
}
_ROWS = {
    "wo_init": "without initialisation",
    "wo_dm": "without D_M",
    "wo_dv": "without D_V",
    "wo_dv_dm": "without D_M and D_V",
    "w_dm": "ours",
    "flownet2": "FlowNet2",
    "face_flow": "facial flow",
    "x2face": "X2Face",
}
_METRICS = {
    "average_pixel_distance": "average_pixel_distance",
    "masked_average_pixel_distance": "masked_average_pixel_distance",
    "fid_arcface": "fid",
}


def rows(
    evaluations: Evaluations, table: Sequence[str | Sequence[str]], repeats: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """One row a person and experiment, then the means over people whom all experiments have been scored on.

    A metric has a column if an evaluation has a value for it, and two more for its interval: KEY_low and KEY_high
    (of the average pixel distance: low and high).

    Args:
        evaluations: (person, experiment) -> the summary of its evaluation; of experiments in no row: left out.
        table: its rows: experiments, or lists of which the best counts.
        repeats: name -> the experiment that it repeats with another seed.
    """
    evaluations = join_seeds(evaluations, repeats or {})
    experiments = [row if isinstance(row, str) else best(evaluations, row) for row in table]
    keys = sorted((key for key in evaluations if key[1] in experiments), key=lambda k: (k[0], experiments.index(k[1])))
    records = []
    metrics = [key for key in METRICS if any(key in evaluations[each] for each in keys)]
    bounded = [key for key in metrics if any(f"{key}_interval" in evaluations[each] for each in keys)]
    columns = ["person", "experiment", "frames", "seeds", *metrics, "fid_deviation", "features", "low", "high"]
    columns += [bound for key in bounded if key != SCORE for bound in bounds(key)]
    for person, experiment in keys:
        scores = evaluations[person, experiment]
        record = {"person": person, "experiment": experiment, "frames": scores["frames"]}
        record |= {"seeds": scores.get("seeds", 1), "features": scores["features"]}
        record |= {key: round(scores.get(key, np.nan), 4) for key in (*metrics, "fid_deviation")}
        for key in {SCORE, *bounded}:
            interval = scores.get(f"{key}_interval", (np.nan, np.nan))
            record |= {bound: round(value, 4) for bound, value in zip(bounds(key), interval, strict=True)}
        records.append(record)
    found = pd.DataFrame(records, columns=columns)
    return pd.concat([found, _means(found, metrics)], ignore_index=True) if len(found) else found


def bounds(metric: str) -> tuple[str, str]:
    """The columns with the ends of a metric's interval."""
    return ("low", "high") if metric == SCORE else (f"{metric}_low", f"{metric}_high")


def shared_people(measured: pd.DataFrame) -> list[str]:
    """People whom every experiment of a table was scored on: its means and differences are over them."""
    people = measured[measured["person"] != MEAN]
    scored = people.groupby("person", sort=False)["experiment"].nunique()
    return list(scored.index[scored == people["experiment"].nunique()])


def _means(found: pd.DataFrame, metrics: list[str]) -> pd.DataFrame:
    """Over the people whom every experiment of the table was scored on, if there are several.

    A metric that one of them has no value for has no mean, so that means are over the same people; nor has one on
    identity features whose values are of several networks.
    """
    shared = found[found["person"].isin(shared_people(found))]
    if shared["person"].nunique() < 2:
        return found.iloc[:0]
    experiments = shared.groupby("experiment", sort=False)
    means = experiments[metrics].agg(lambda column: column.mean(skipna=False)).round(4)
    networks = experiments["features"].agg(registry.networks_of)
    means.loc[networks.map(len) > 1, [key for key in metrics if registry.METRICS[key].features]] = np.nan
    features = networks.map(", ".join)
    return means.assign(person=MEAN, frames=experiments["frames"].sum(), features=features).reset_index()


def differences(measured: pd.DataFrame) -> list[dict[str, Any]]:
    """How the first experiment differs from each of the others, see `difference`; over the people of the means."""
    order = list(measured[measured["person"] == MEAN]["experiment"])
    people = measured[measured["person"].isin(shared_people(measured))].to_dict("records")
    values = {(row["person"], row["experiment"]): row for row in people}
    found = [difference(values, order[0], other) for other in order[1:]]
    return [one for one in found if one is not None]


def scores(measured: pd.DataFrame) -> dict[str, Any]:
    """Nested for DVC: person -> experiment -> metric; without metrics that have no value there."""
    nested: dict[str, Any] = {}
    for row in measured.to_dict("records"):
        values = {key: row[key] for key in METRICS if key in row and np.isfinite(row[key])}
        nested.setdefault(row["person"], {})[row["experiment"]] = values
    return nested


def published(results: dict[str, Any], table: str | None) -> pd.DataFrame:
    """The papers' own numbers, one row an identity and method; empty without a published counterpart.

    Args:
        results: `published_results.yaml`.
        table: a key of `PUBLISHED`.
    """
    if table is None:
        return pd.DataFrame(columns=["person", "experiment"])
    paper, key = PUBLISHED[table]
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def put(method: str, person: str, metric: str, value: float) -> None:
        label = _ROWS.get(method, method)
        found.setdefault((label, person), {"person": person, "experiment": label})[metric] = value

    for name, part in results[paper][key].items():
        if name in _METRICS:
            for method, values in part.items():
                for i, value in enumerate(values):
                    put(method, f"paper's {i + 1}", _METRICS[name], value)
        elif not name.endswith("_pm"):  # Head2Head's Table I: people by name; in (b) the mouth area only
            metric = "average_pixel_distance" if table == "table1a" else "mouth_average_pixel_distance"
            for person, value in part.items():
                put(name, person, metric, value)
    return pd.DataFrame(list(found.values()))


def cell(row: Mapping[str, Any], metric: str) -> str:
    """A number of `rows`, with its interval (of the FID: +- its deviation) where there is one; else a dash."""
    value = row.get(metric, np.nan)
    text = registry.number(metric, value)
    if metric == "fid" and row.get("fid_deviation", np.nan) >= 0:
        return f"{text} ± {registry.number(metric, row['fid_deviation'])}"
    low, high = (row.get(bound, np.nan) for bound in bounds(metric))
    if np.isfinite(value) and low <= high:
        return f"{text} ({registry.number(metric, low)} to {registry.number(metric, high)})"
    return text


def what_differs(
    setting: Setting,
    people: list[str],
    profile: str,
    size: int,
    features: list[str],
    frames: str,
    departures: Sequence[str],
) -> str:
    """In plain words, why the measured numbers are not the paper's.

    `frames`: of each person that is trained on; `departures`: where the network or its training is another one.
    """
    network = {"dlib": "dlib's 128-d identity network, not ArcFace", "arcface": "ArcFace, as in the paper"}
    if not setting.features:
        network = registry.NETWORKS
    used = " and ".join(network[name] for name in features) or "no evaluation yet"
    used += "" if setting.features else "; the paper prints no FID"
    training = f" Besides, {'; '.join(departures)}." if departures else ""
    return (
        f"What differs from {setting.where}: the people ({', '.join(people) or 'none yet'}; the paper's, "
        f"{setting.people}, are not public), the profile ({profile}: {size} x {size} pixels; there 256 x 256), the "
        f"training (of each person here: {frames}; there {setting.frames}, initialised on {setting.initialised}, and "
        f"{setting.held_out} held out), and the features behind FID ({used}).{training} "
        "Compare methods within a table, not numbers across the two."
    )
