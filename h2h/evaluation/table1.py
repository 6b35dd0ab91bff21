"""Table 1 of Head2HeadFS: self-reenactment on held-out frames, per person and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

METRICS = {
    "average_pixel_distance": "average pixel distance",
    "masked_average_pixel_distance": "masked",
    "mouth_average_pixel_distance": "mouth",
    "fid": "FID",
    "mask_iou": "mask IoU",
}
METHODS = {"ours": "ours", "vid2vid": "vid2vid", "nearest_frame": "nearest frame"}


def rows(evaluations: dict[tuple[str, str], dict[str, Any]]) -> pd.DataFrame:
    """One row a person and method.

    Args:
        evaluations: (person, method) -> the summary of its evaluation.
    """
    order = list(METHODS)
    keys = sorted(evaluations, key=lambda key: (key[0], order.index(key[1])))
    records = []
    for person, method in keys:
        scores = evaluations[person, method]
        record = {"person": person, "method": method, "frames": scores["frames"]}
        record |= {metric: round(scores[metric], 4) for metric in METRICS}
        record |= {"fid_deviation": round(scores["fid_deviation"], 4), "features": scores["features"]}
        records.append(record)
    columns = ["person", "method", "frames", *METRICS, "fid_deviation", "features"]
    return pd.DataFrame(records, columns=columns)


def metrics(evaluations: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    """Nested for DVC: `table1.PERSON.METHOD.METRIC`."""
    nested: dict[str, Any] = {}
    for (person, method), scores in sorted(evaluations.items()):
        nested.setdefault(person, {})[method] = {key: round(scores[key], 4) for key in METRICS}
    return {"table1": nested}


def published(results: dict[str, Any]) -> pd.DataFrame:
    """The paper's own Table 1, one row an identity and method (five people whose names it does not give)."""
    table = results["h2hfs"]["table1_self_reenactment"]
    records = []
    for method in ("ours", "vid2vid", "x2face"):
        values = zip(table["average_pixel_distance"][method], table["fid_arcface"][method], strict=True)
        records += [
            {"person": f"paper's {i + 1}", "method": method, "average_pixel_distance": distance, "fid": fid}
            for i, (distance, fid) in enumerate(values)
        ]
    return pd.DataFrame(records)


def markdown(measured: pd.DataFrame, paper: pd.DataFrame, difference: str) -> str:
    """Both tables as Markdown, with the sentence on what differs."""
    lines = ["# Table 1: self-reenactment on held-out frames (lower is better, mask IoU higher)", "", difference, ""]
    lines += ["## Measured here", "", "| person | method | " + " | ".join(METRICS.values()) + " |"]
    lines.append("|---|---|" + "--:|" * len(METRICS))
    for row in measured.to_dict("records"):
        cells = [f"{row[key]:.2f}" for key in METRICS if key not in ("fid", "mask_iou")]
        cells += [f"{row['fid']:.3f} ± {row['fid_deviation']:.3f}", f"{row['mask_iou']:.3f}"]
        lines.append(f"| {row['person']} | {METHODS[row['method']]} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "## Published (other people, 256 x 256, ArcFace)",
        "",
        "| person | method | average pixel distance | FID |",
    ]
    lines.append("|---|---|--:|--:|")
    for row in paper.to_dict("records"):
        lines.append(f"| {row['person']} | {row['method']} | {row['average_pixel_distance']:.2f} | {row['fid']:.2f} |")
    return "\n".join(lines) + "\n"


def difference(
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
