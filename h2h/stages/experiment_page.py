"""Stage experiment_page: one experiment, with the losses and samples of its trainings, its scores and its films."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Params, Sections, load_params
from h2h.io.events import FOLDER, read_pictures
from h2h.stages.costs import minutes
from h2h.stages.page_data import (
    Site,
    base_of,
    done_card,
    keep_only,
    labels_of,
    link,
    of_experiment,
    save,
    trainings,
)

SAMPLES = 8  # grids of a training that are shown, first and last among them
FACTS = ("clips", "steps", "clip_frames", "precision", "processes")


def run(
    name: str,
    output: Path,
    cfg: Sections,
    *,
    work: Path,
    reports: Path,
    made: list[Path] | None = None,
    scored: list[Path] | None = None,
) -> dict[str, Any]:
    """Write an experiment's page, with the grids of samples beside it.

    --made are its synthesised frames (EXPERIMENT.TARGET.SOURCE), with all seeds, --scored their scores. The samples
    are those that the trainings left in logs/tensorboard; a training that ran elsewhere has none.
    """
    names = [path.stem for path in made or []], [path.stem for path in scored or []]
    return write(name, output, Site.of(reports), work, *names, load_params())


def write(
    name: str, output: Path, site: Site, work: Path, made: list[str], scored: list[str], params: Params
) -> dict[str, Any]:
    """Write the page to `output`, and its pictures; returns what the overview says of the experiment."""
    from h2h.pages.heading import heading
    from h2h.pages.templating import render

    page, entry = site.experiment(name), params.experiments[name]
    folder = page.with_suffix("")
    made = of_experiment(params, made, name)
    used = list(dict.fromkeys(training for key in made for training in trainings(key, work)))
    own = [_training(*training.split("/", 1), name, work, folder, params) for training in used]
    keep_only(folder, [sample["file"] for training in own for sample in training["samples"]])
    text = render(
        "experiment.html",
        root=site.up(page),
        section="experiments",
        title=labels_of(params)[name],
        profile=params.profile.name,
        name=name,
        label=labels_of(params)[name],
        entry=entry,
        changes=_changes(params, name),
        tables=[(key, heading(key)) for key, table in params.tables.items() if name in table.experiments],
        trainings=own,
        folder=link(folder, page),
        films=_films(made, work, site, page, params),
        table=_scores(of_experiment(params, scored, name), work, params),
    )
    output.write_text(text, encoding="utf-8")
    return {"trainings": used, "made": made}


def _changes(params: Params, name: str) -> list[tuple[str, Any, Any]]:
    """Parameter, its value here, and params.yaml's."""
    values = params.model_dump(mode="json")
    found = []
    for key, value in params.experiments[name].changes.items():
        section, _, inner = key.partition(".")
        found.append((key, value, values[section][inner] if inner else values[section]))
    return found


def _training(stage: str, key: str, name: str, work: Path, folder: Path, params: Params) -> dict[str, Any]:
    """A training for the page; of another experiment's, which is shared, only where it is."""
    from h2h.evaluation.pictures import evenly, jpeg_of_png
    from h2h.pages.charts import loss_chart

    owner = base_of(params, key.split(".")[0])
    card = done_card(work, stage, key)
    summary = card["summary"] if card else {}
    found = {"stage": stage, "key": key, "owner": owner, "minutes": minutes(stage, key), "samples": [], "chart": ""}
    found["people"] = summary.get("people", [])
    found["facts"] = {fact: _words(summary[fact]) for fact in FACTS if fact in summary}
    found["sha256"] = card["sha256"] if card else ""
    if owner != name:
        return found
    if summary.get("curves"):
        found["chart"] = loss_chart(summary["curves"], f"{stage} {key}")
    grids = read_pictures(FOLDER / f"{stage}.{key}").get("samples", [])
    for i in evenly(len(grids), SAMPLES) if grids else []:
        step, png = grids[i]
        file = f"{stage}.{key}.{step}.jpg"
        save(folder / file, jpeg_of_png(png))
        found["samples"].append({"file": file, "clip": step})
    return found


def _films(made: list[str], work: Path, site: Site, page: Path, params: Params) -> list[dict[str, Any]]:
    """The films, which lie beside their targets' pages."""
    found = []
    for key in made:
        _, target, source = key.split(".")
        card, film = done_card(work, "synthesize", key), work / "synthesize" / f"{key}.mp4"
        if card is None or not film.exists() or not film.stat().st_size:
            continue
        url = link(site.person(target).with_suffix("") / f"{key}.mp4", page)
        title = f"{target}, held-out frames" if source == target else f"{source} drives {target}"
        seed = params.experiments[key.split(".")[0]].changes.get("seed")
        title += f", seed {seed}" if params.experiments[key.split(".")[0]].repeats else ""
        label = labels_of(params)[base_of(params, key.split(".")[0])]
        found.append(
            {"url": url, "title": title, "label": label, "self": source == target, "target": target, "source": source}
        )
        found[-1] |= {"fps": card["summary"]["fps"], "frames": card["summary"]["frames"]}
    return found


def _scores(scored: list[str], work: Path, params: Params) -> Any:
    from h2h.config.experiments import repeats
    from h2h.evaluation import score_table
    from h2h.pages.score_rows import score_table_of

    cards = {tuple(key.split(".")[::-1]): done_card(work, "evaluate", key) for key in scored}
    evaluations = {key: card["summary"] for key, card in cards.items() if card is not None}
    used = {base_of(params, experiment) for _, experiment in evaluations}
    rows = score_table.rows(evaluations, sorted(used), repeats(params.experiments))
    return score_table_of(rows, labels_of(params))


def _words(fact: Any) -> str:
    """A fact of a training; the lengths of clips that grow are several."""
    return ", then ".join(map(str, fact)) if isinstance(fact, list) else str(fact)
