"""What the tables and the page say about how a run differs from the paper's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from h2h.config import Params
from h2h.config.experiments import LEARNED
from h2h.evaluation import score_table
from h2h.evaluation.published_settings import setting_of
from h2h.evaluation.registry import NETWORKS
from h2h.stages.departures import departures


def what_differs(params: Params, table: str, people: list[str], features: list[str]) -> str:
    """In plain words, why a table's numbers are not those of the paper that it stands beside.

    Args:
        params: in force.
        table: its key in params.yaml.
        people: who was evaluated.
        features: FID's networks.
    """
    setting, size = setting_of(params.tables[table].published), params.image.size
    return score_table.what_differs(
        setting, people, params.profile.name, size, features, _frames(params, table), departures(params, table)
    )


def side_by_side(
    params: Params, table: str, people: list[str], features: list[str], networks: Iterable[Mapping[str, Any]]
) -> list[tuple[str, str, str]]:
    """What differs, aspect by aspect: its name, here, and in the paper.

    `networks` are the summaries of the rows' multi-person networks; the other arguments are those of `what_differs`.
    """
    size, entry = params.image.size, params.tables[table]
    setting = setting_of(entry.published)
    return [
        ("data set", ", ".join(people) or "nobody yet", f"{setting.people}, not public"),
        ("profile", f"{params.profile.name}, {size} x {size} px", "256 x 256 px"),
        ("initialised on", _start(params, table, networks), setting.initialised),
        ("trained on, of each person", _frames(params, table), setting.frames),
        ("held out", f"the last {params.cache.test_frames} frames, fewer of short clips", setting.held_out),
        (
            "FID's features",
            ", ".join(NETWORKS.get(name, name) for name in features) or "no data yet",
            setting.features or "no FID",
        ),
    ]


def _start(params: Params, table: str, networks: Iterable[Mapping[str, Any]]) -> str:
    """Whom the rows' multi-person networks have learned from, which params.yaml alone does not tell.

    People join by their role and by an experiment's `company`, who was rejected was left out, and a network may be
    imported.
    """
    rows = [params.experiments[name] for name in params.tables[table].experiments]
    started = {row.initialise for row in rows if row.method in LEARNED}
    if True not in started:
        return "nobody"
    words = [text for text in dict.fromkeys(map(_learned_from, networks)) if text]
    return "; ".join(words or ["no data yet"]) + (", or nobody" if False in started else "")


def _learned_from(network: Mapping[str, Any]) -> str:
    """The people behind a network; "" if it has its authors' weights."""
    names, imported = sorted(network["people"]), network.get("imported")
    if not names and not imported:
        return ""
    count = imported["people"] if imported else len(names)
    who = f" ({', '.join(names)})" if names else ""
    return f"{count} {'person' if count == 1 else 'people'}{who}{', imported' if imported else ''}"


def _frames(params: Params, table: str) -> str:
    """How many frames of a person its rows are fine-tuned on, or shown."""
    names = [name for name in params.tables[table].experiments if params.experiments[name].finetune]
    counts = sorted({params.of_experiment(name).finetune.frames for name in names})
    if not counts:
        return "no fine-tuning"
    text = f"{', '.join(map(str, counts[:-1]))} or {counts[-1]}" if counts[1:] else f"{counts[0]}"
    return f"{text} frames"
