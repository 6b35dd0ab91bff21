"""The automated study as a table: one row a clip that a forgery detector was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from h2h.evaluation.automated_study import REAL

KEYS = ("called_synthesised", "low", "high")
EXPLAINED = (
    "The share of frames that the detector calls synthesised, with a 95% interval over blocks that span ten frames: "
    "of synthesised frames its accuracy, of true frames its rate of false alarms. "
)
TRAINED = (
    "It is a logistic regression on textures of faces (EfficientNet-Lite0), trained on true frames and on those of the "
    "known methods; true and synthesised faces are cut out and compressed alike. Of people whose synthesised frames it "
    "is trained on, it sees the first part of the held-out frames and judges the last part, with a gap between. For "
    "rows of unseen people a detector is trained without any of their frames."
)
HERE = "trained here"
NOT_ASKED = "FaceForensics++'s network was not asked: its weights (detector.weights) are not on this machine."
PUBLISHED = (
    ("FaceForensics++'s network on Head2Head's 50 videos", "h2h"),
    ("FaceForensics++'s network on Head2HeadFS' 10 videos", "h2hfs"),
)


def rows(judged: Sequence[Mapping[str, Any]], experiments: Sequence[str]) -> pd.DataFrame:
    """One row a clip: what the detectors know first, then what they do not, true frames last.

    Columns: detector, experiment, person, driver, kind ("known method", "unknown method", "true"), person_known,
    frames, called_synthesised, low, high.
    """
    order = {name: place for place, name in enumerate([*experiments, REAL])}
    records = []
    for found in judged:
        known = "true" if found["kind"] == REAL else "known method" if found["kind_known"] else "unknown method"
        record = {"detector": found.get("detector", HERE), "experiment": found["kind"]}
        record |= {key: found[key] for key in ("person", "driver")} | {"kind": known}
        record |= {"person_known": found["person_known"], "frames": found["frames"]}
        records.append(record | {key: round(float(found[key]), 4) for key in KEYS})
    places = ("known method", "unknown method", "true")
    records.sort(
        key=lambda r: (
            r["detector"] != HERE,
            not r["person_known"],
            places.index(r["kind"]),
            order.get(r["experiment"], len(order)),
            r["person"],
            r["driver"] != r["person"],
            r["driver"],
        )
    )
    return pd.DataFrame(records, columns=[*_COLUMNS, *KEYS])


_COLUMNS = ("detector", "experiment", "person", "driver", "kind", "person_known", "frames")


def scores(measured: pd.DataFrame) -> dict[str, Any]:
    """Nested for DVC: person, and who drives -> experiment -> share of the frames called synthesised."""
    nested: dict[str, Any] = {}
    for row in measured.to_dict("records"):
        seen = "" if row["person_known"] else ", unseen"
        by = "" if row["driver"] == row["person"] else f", driven by {row['driver']}"
        official = "" if row["detector"] == HERE else f", {row['detector']}"
        values = nested.setdefault(f"{row['person']}{by}{seen}{official}", {})
        values[row["experiment"]] = {"called_synthesised": row["called_synthesised"]}
    return nested


def crossed(one_kind: Sequence[Mapping[str, Any]], experiments: Sequence[str]) -> pd.DataFrame:
    """What detectors of one method make of all: a row a known method, a column an experiment; means over people."""
    if not one_kind:
        return pd.DataFrame()
    table = pd.DataFrame(one_kind).pivot_table(index="known", columns="kind", values=KEYS[0], sort=False)
    kept = [name for name in [*experiments, REAL] if name in table.columns]
    return table.loc[[name for name in experiments if name in table.index], kept]


def published(results: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The papers' numbers: what was asked, and the share that was called synthesised."""
    return [(text, float(results[paper]["detector_accuracy_on_fakes"])) for text, paper in PUBLISHED]


def asked(measured: pd.DataFrame) -> bool:
    """Whether FaceForensics++'s network was there."""
    return bool((measured["detector"] != HERE).any())


def share(value: float) -> str:
    """A share as it is printed."""
    return "–" if value != value else f"{100 * value:.0f}%"


def markdown(
    measured: pd.DataFrame, crossing: pd.DataFrame, labels: Mapping[str, str], paper: Sequence[tuple[str, float]]
) -> str:
    """The study as Markdown.

    Args:
        measured: of `rows`.
        crossing: of `crossed`.
        labels: experiment -> what it is called.
        paper: of `published`.
    """
    named = {**labels, REAL: "true frames"}
    lines = ["## What a forgery detector says", "", EXPLAINED + TRAINED, ""]
    lines += ["| detector | frames of | person | driven by | method | person known | frames | called synthesised |"]
    lines += ["|---|---|---|---|---|---|--:|--:|"]
    for row in measured.to_dict("records"):
        within = f"{share(row['called_synthesised'])} ({share(row['low'])} to {share(row['high'])})"
        kind = "" if row["kind"] == "true" else row["kind"].split()[0]
        cells = [row["detector"], named[row["experiment"]], row["person"], row["driver"], kind]
        cells += ["yes" if row["person_known"] else "no", str(row["frames"]), within]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", *(f"Published: {text}: {100 * value:.3g}% called synthesised." for text, value in paper)]
    if not asked(measured):
        lines += ["", NOT_ASKED]
    if len(crossing):
        lines += ["", "Detectors that know one method only:", ""]
        lines += ["| trained on | " + " | ".join(named[name] for name in crossing.columns) + " |"]
        lines += ["|---|" + "--:|" * len(crossing.columns)]
        for known, found in crossing.iterrows():
            lines.append(f"| {named[str(known)]} | " + " | ".join(share(value) for value in found) + " |")
    return "\n".join(lines) + "\n"
