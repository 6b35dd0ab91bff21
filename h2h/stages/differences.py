"""What the tables and the page say about how a run differs from the paper's."""

from __future__ import annotations

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


def side_by_side(params: Params, table: str, people: list[str], features: list[str]) -> list[tuple[str, str, str]]:
    """What differs, aspect by aspect: its name, here, and in the paper; the arguments are those of `what_differs`."""
    size, entry = params.image.size, params.tables[table]
    setting = setting_of(entry.published)
    return [
        ("data set", ", ".join(people) or "nobody yet", f"{setting.people}, not public"),
        ("profile", f"{params.profile.name}, {size} x {size} px", "256 x 256 px"),
        ("initialised on", _start(params, table), setting.initialised),
        ("trained on, of each person", _frames(params, table), setting.frames),
        ("held out", f"the last {params.cache.test_frames} frames, fewer of short clips", setting.held_out),
        (
            "FID's features",
            ", ".join(NETWORKS.get(name, name) for name in features) or "no data yet",
            setting.features or "no FID",
        ),
    ]


def _start(params: Params, table: str) -> str:
    """Whom the rows' multi-person networks have learned from, in each fold whose targets are scored."""
    entry = params.tables[table]
    rows = [params.experiments[name] for name in entry.experiments]
    started = {row.initialise for row in rows if row.method in LEARNED}
    sets = [params.identities.folds[fold].initialise for fold in entry.folds]
    words = [f"{len(names)} people ({', '.join(sorted(names))})" for names in sets] if True in started else []
    return "; ".join(words) + (", or nobody" if started == {True, False} else "") if words else "nobody"


def _frames(params: Params, table: str) -> str:
    """How many frames of a person its rows are fine-tuned on, or shown."""
    names = [name for name in params.tables[table].experiments if params.experiments[name].finetune]
    counts = sorted({params.of_experiment(name).finetune.frames for name in names})
    if not counts:
        return "no fine-tuning"
    text = f"{', '.join(map(str, counts[:-1]))} or {counts[-1]}" if counts[1:] else f"{counts[0]}"
    return f"{text} frames"
