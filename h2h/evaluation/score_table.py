"""A table of scores on held-out frames: one row a person and experiment, and the mean over the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from h2h.evaluation.repeats import Evaluations, best, difference, in_words, join_seeds

METRICS = {
    "average_pixel_distance": "average pixel distance",
    "masked_average_pixel_distance": "masked",
    "mouth_average_pixel_distance": "mouth",
    "fid": "FID",
    "mouth_fid": "mouth FID",
    "warping_error": "flicker",
    "mask_iou": "mask IoU",
}
HIGHER = ("mask_iou",)  # is better
MEAN = "mean"
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

    Args:
        evaluations: (person, experiment) -> the summary of its evaluation; of experiments in no row: left out.
        table: its rows: experiments, or lists of which the best counts.
        repeats: name -> the experiment that it repeats with another seed.
    """
    evaluations = join_seeds(evaluations, repeats or {})
    experiments = [row if isinstance(row, str) else best(evaluations, row) for row in table]
    keys = sorted((key for key in evaluations if key[1] in experiments), key=lambda k: (k[0], experiments.index(k[1])))
    records = []
    for person, experiment in keys:
        scores = evaluations[person, experiment]
        low, high = scores.get("average_pixel_distance_interval", (float("nan"), float("nan")))
        record = {"person": person, "experiment": experiment, "frames": scores["frames"]}
        record |= {"seeds": scores.get("seeds", 1)}
        record |= {metric: round(scores[metric], 4) for metric in METRICS}
        record |= {"fid_deviation": round(scores["fid_deviation"], 4), "features": scores["features"]}
        records.append(record | {"low": round(low, 4), "high": round(high, 4)})
    columns = ["person", "experiment", "frames", "seeds", *METRICS, "fid_deviation", "features", "low", "high"]
    found = pd.DataFrame(records, columns=columns)
    return pd.concat([found, _means(found)], ignore_index=True) if len(found) else found


def _means(found: pd.DataFrame) -> pd.DataFrame:
    """Over the people whom every experiment of the table was scored on, if there are several."""
    count = found["experiment"].nunique()
    everywhere = found.groupby("person")["experiment"].transform("nunique") == count
    shared = found[everywhere]
    if shared["person"].nunique() < 2:
        return found.iloc[:0]
    means = shared.groupby("experiment", sort=False)[list(METRICS)].mean().round(4).reset_index()
    frames = shared.groupby("experiment", sort=False)["frames"].sum().to_numpy()
    features = ", ".join(sorted(set(shared["features"])))
    return means.assign(person=MEAN, frames=frames, features=features)


def differences(measured: pd.DataFrame) -> list[dict[str, Any]]:
    """How the first experiment differs from each of the others over the people of the means, see `difference`."""
    order = list(measured[measured["person"] == MEAN]["experiment"])
    people = measured[measured["person"] != MEAN].to_dict("records")
    values = {(row["person"], row["experiment"]): row for row in people}
    found = [difference(values, order[0], other) for other in order[1:]]
    return [one for one in found if one is not None]


def scores(measured: pd.DataFrame) -> dict[str, Any]:
    """Nested for DVC: person -> experiment -> metric."""
    nested: dict[str, Any] = {}
    for row in measured.to_dict("records"):
        nested.setdefault(row["person"], {})[row["experiment"]] = {key: row[key] for key in METRICS}
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


def markdown(
    title: str, measured: pd.DataFrame, labels: Mapping[str, str], paper: pd.DataFrame, difference: str
) -> str:
    """Both tables as Markdown, with the sentence on what differs.

    Args:
        title: of the table.
        measured: from `rows`.
        labels: experiment -> what it is called.
        paper: from `published`.
        difference: in plain words.
    """
    lines = [f"# {title} (lower is better, mask IoU higher)", "", difference, ""]
    lines += ["## Measured here", "", "| person | experiment | frames | " + " | ".join(METRICS.values()) + " |"]
    lines.append("|---|---|" + "--:|" * (len(METRICS) + 1))
    for row in measured.to_dict("records"):
        cells = [cell(row, key) for key in METRICS]
        lines.append(f"| {row['person']} | {labels[row['experiment']]} | {row['frames']} | " + " | ".join(cells) + " |")
    if found := differences(measured):
        lines += ["", "Average pixel distance, 95% intervals over people:", ""]
        lines += [f"- {in_words(one, labels)}" for one in found]
    if len(paper):
        metrics = [key for key in METRICS if key in paper]
        lines += ["", "## Published (other people, 256 x 256, ArcFace)", ""]
        lines.append("| person | method | " + " | ".join(METRICS[key] for key in metrics) + " |")
        lines.append("|---|---|" + "--:|" * len(metrics))
        for row in paper.to_dict("records"):
            cells = [f"{row[key]:.2f}" for key in metrics]
            lines.append(f"| {row['person']} | {row['experiment']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def cell(row: Mapping[str, Any], metric: str) -> str:
    """A number of `rows`, with its interval where there is one."""
    value = row[metric]
    if metric == "fid":
        return f"{value:.3f} ± {row['fid_deviation']:.3f}" if row["fid_deviation"] >= 0 else f"{value:.3f}"
    if metric in ("mask_iou", "mouth_fid"):
        return f"{value:.3f}"
    if metric == "average_pixel_distance" and row["low"] <= row["high"]:
        return f"{value:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    return f"{value:.2f}"


def what_differs(
    people: list[str], profile: str, size: int, features: list[str], frames: int, departures: Sequence[str]
) -> str:
    """In plain words, why the measured numbers are not the paper's.

    `departures`: where the network or its training is another one.
    """
    network = {"dlib": "dlib's 128-d identity network, not ArcFace", "arcface": "ArcFace, as in the paper"}
    used = " and ".join(network[name] for name in features) or "no evaluation yet"
    training = f" Besides, {'; '.join(departures)}." if departures else ""
    return (
        f"What differs from the paper: the people ({', '.join(people) or 'none yet'}; the paper's are not public), "
        f"the profile ({profile}: {size} x {size} pixels, {frames} fine-tuning frames; the paper initialises on "
        f"480 people), and the features behind FID ({used}).{training} "
        "Compare methods within a table, not numbers across the two."
    )
