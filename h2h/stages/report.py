"""Stage report: one page with tables, pictures, videos and where everything came from."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import numpy as np

from h2h.config import Sections, load_params, read_yaml
from h2h.config.experiments import Table, labels
from h2h.errors import UserError
from h2h.io.atomic import replacing
from h2h.io.cards import read_card
from h2h.io.h5 import reading
from h2h.io.person_folder import identity_file

log = logging.getLogger("h2h")
PUBLISHED = Path(__file__).parents[1] / "evaluation" / "data" / "published_results.yaml"
TEMPLATES = Path(__file__).parents[1] / "evaluation" / "templates"
FRAMES_SHOWN = 6


def run(name: str, output: Path, cfg: Sections, *, metrics: Path, work: Path) -> dict[str, Any]:
    """Write the page and its pictures (beside it, in `media`) from whatever artifacts exist.

    `metrics` is the file that the tables stage wrote; `work` is the folder of all artifacts.
    """
    import jinja2

    from h2h.evaluation import score_table
    from h2h.evaluation.environment import describe
    from h2h.stages.costs import training_cost
    from h2h.stages.differences import what_differs
    from h2h.stages.flow_page import facial_flow, flow_estimators
    from h2h.stages.tracking_page import write_tracking_page

    params = load_params()
    media = metrics.parent / "media"
    cards = {stage: _cards(work / stage) for stage in ("cache", "pretrain", "finetune", "synthesize", "evaluate")}
    scores = _scores(metrics)
    names = labels(params.experiments)
    evaluations = {}
    for artifact, card in cards["evaluate"].items():
        experiment, person = artifact.split(".")
        if any(experiment in table.get(person, {}) for table in scores.values()):
            evaluations[person, experiment] = card["summary"]
    costs = {row: training_cost(_networks(*row, cards)) for row in evaluations}
    folder = metrics.parent / "tables"
    tables = [_table(name, table, folder, names, costs) for name, table in params.tables.items() if name in scores]
    people = sorted({person for person, _ in evaluations})
    features = sorted({found["features"] for found in evaluations.values()})
    sentence = what_differs(params, people, features)
    main = next(iter(params.tables.values())).experiments
    compared = [person for person in people if any((person, row) in evaluations for row in main)]
    estimators = flow_estimators(work)
    facial = facial_flow(sorted(cards["cache"]), work, estimators)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
    page = environment.get_template("index.html").render(
        params=params,
        difference=sentence,
        tables=tables,
        metric_names=score_table.METRICS,
        cell=score_table.cell,
        names=names,
        facial=facial,
        comparisons=[
            _comparison(p, {r: names[r] for r in main if (p, r) in evaluations}, work, media) for p in compared
        ],
        transfers=_transfers(cards["synthesize"], work, media),
        everybody=[_person(person, card, work, media) for person, card in sorted(cards["cache"].items())],
        rejected=_rejected(work),
        curves=[
            _curves(stage, key, cards[stage][key], media) for stage in ("pretrain", "finetune") for key in cards[stage]
        ],
        environment=describe(),
        parameters=json.dumps(params.model_dump(mode="json"), indent=1),
    )
    template = environment.get_template("tracking.html")
    write_tracking_page(metrics.parent / "tracking.html", template, sorted(cards["cache"]), work, media, estimators)
    output.write_text(page, encoding="utf-8")
    return {
        "people": people,
        "videos": sum(not path.name.startswith(("tracking_", "flow_")) for path in media.glob("*.mp4")),
        "rejected": [r["name"] for r in _rejected(work)],
        **({"flow": facial} if facial else {}),
    }


def _cards(folder: Path) -> dict[str, dict[str, Any]]:
    """All finished artifacts of a stage: name -> card."""
    found = {path.stem: read_card(path) for path in sorted(folder.glob("*.json")) if not path.name.startswith("_")}
    return {key: card for key, card in found.items() if card.get("status") == "done"}


def _scores(metrics: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(metrics.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UserError(f"{metrics} cannot be read: {error}", "run snakemake stage_tables") from error


def _networks(person: str, experiment: str, cards: dict[str, dict[str, Any]]) -> list[str]:
    """STAGE/NAME of the trainings behind an experiment's frames of a person."""
    made = cards["synthesize"].get(f"{experiment}.{person}.{person}", {}).get("summary", {})
    if "network" not in made:
        return []
    stage, name = made["network"].split("/")
    start = cards["finetune"].get(name, {}).get("summary", {}).get("pretrained") if stage == "finetune" else None
    return [*([f"pretrain/{start}"] if start else []), made["network"]]


def _table(
    name: str,
    table: Table,
    folder: Path,
    names: dict[str, str],
    costs: dict[tuple[str, str], str],
) -> dict[str, Any]:
    """What the page shows of a table, whose numbers the stage tables wrote."""
    import pandas as pd

    from h2h.evaluation import score_table
    from h2h.evaluation.repeats import in_words

    measured = pd.read_csv(folder / f"{name}.csv")
    paper = score_table.published(read_yaml(PUBLISHED), table.published)
    return {
        "name": name,
        "heading": re.sub(r"^(table|figure)(\d)", r"\1 \2", name).capitalize(),
        "title": table.title,
        "measured": [
            {**row, "cost": costs.get((row["person"], row["experiment"]), "")} for row in measured.to_dict("records")
        ],
        "best": _best(measured),
        "differences": [in_words(one, names) for one in score_table.differences(measured)],
        "published": paper.to_dict("records"),
        "published_metrics": [key for key in score_table.METRICS if key in paper],
    }


def _best(measured: Any) -> dict[str, dict[str, float]]:
    """Person -> metric -> the best value among the methods, for setting it in bold."""
    from h2h.evaluation.score_table import HIGHER

    best: dict[str, dict[str, float]] = {}
    for person, group in measured.groupby("person"):
        numbers = group.select_dtypes("number")
        best[str(person)] = {c: float(numbers[c].max() if c in HIGHER else numbers[c].min()) for c in numbers}
    return best


def _comparison(person: str, methods: dict[str, str], work: Path, media: Path) -> dict[str, Any]:
    """Ground truth, conditioning and every method's frames and error maps, for some held-out frames.

    `methods`: experiment -> what it is called.
    """
    from h2h.evaluation import pictures

    rows: dict[str, list[np.ndarray]] = {}
    with reading(work / "cache" / f"{person}.h5") as cache:
        for position, method in enumerate(methods):
            path = work / "synthesize" / f"{method}.{person}.{person}.h5"
            with reading(path) as made, reading(work / "evaluate" / f"{method}.{person}.h5") as scored:
                shown = pictures.evenly(len(made["index"]), FRAMES_SHOWN)
                if position == 0:
                    truth = [int(made["index"][i]) for i in shown]
                    rows["ground truth"] = [pictures.on_black(cache["frames"][t], cache["mask"][t]) for t in truth]
                    rows["NMFC"] = [cache["nmfc"][t] for t in truth]
                    rows["gaze"] = [cache["gaze"][t] for t in truth]
                rows[methods[method]] = [made["frames"][i] for i in shown]
                rows[f"error, {methods[method]}"] = [pictures.heat(scored["error"][i]) for i in shown]
    target = f"comparison_{person}.png"
    _save(media / target, pictures.to_png(pictures.grid(rows, label_width=180)))
    video = _copy_video(work / "synthesize" / f"ours.{person}.{person}.mp4", media)
    return {"person": person, "picture": f"media/{target}", "video": video}


def _transfers(cards: dict[str, Any], work: Path, media: Path) -> list[dict[str, str]]:
    """Cross-person videos."""
    found = []
    for key in cards:
        method, target, source = key.split(".")
        if source != target and (video := _copy_video(work / "synthesize" / f"{key}.mp4", media)):
            found.append({"method": method, "target": target, "source": source, "video": video})
    return found


def _copy_video(path: Path, media: Path) -> str | None:
    """Copy a signed video beside the page, byte for byte (its credentials stay valid)."""
    if not path.exists() or not path.stat().st_size:
        return None
    _save(media / path.name, path.read_bytes())
    return f"media/{path.name}"


def _person(person: str, card: dict[str, Any], work: Path, media: Path) -> dict[str, Any]:
    """A strip of what the pipeline knows of somebody."""
    from h2h.evaluation import pictures

    with reading(work / "cache" / f"{person}.h5") as cache:
        shown = pictures.evenly(len(cache["frames"]), FRAMES_SHOWN)
        rows = {
            "frame": [cache["frames"][i] for i in shown],
            "foreground": [pictures.on_black(cache["frames"][i], cache["mask"][i]) for i in shown],
            "NMFC": [cache["nmfc"][i] for i in shown],
            "gaze": [cache["gaze"][i] for i in shown],
        }
        residual = float(np.median(cache["tracking/residual"][:]))
    target = f"person_{person}.jpg"
    _save(media / target, pictures.to_jpeg(pictures.grid(rows, side=120, label_width=110)))
    about = _identity(person)
    return {"name": person, "picture": f"media/{target}", "residual": residual, **card["summary"], **about}


def _identity(person: str) -> dict[str, str]:
    about = identity_file(person)
    return {key: getattr(about, key) or "not given" for key in ("licence", "credit", "consent")}


def _rejected(work: Path) -> list[dict[str, str]]:
    """People who were left out, each once, with the stage, the reason and the remedy."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(work.glob("*/*.json")):
        if path.name.startswith("_"):
            continue
        card = read_card(path)
        if card.get("status") == "rejected" and card["at"] == card["stage"]:
            found[card["name"]] = {key: card[key] for key in ("name", "at", "reason", "remedy")}
    return list(found.values())


def _curves(stage: str, key: str, card: dict[str, Any], media: Path) -> dict[str, str]:
    from h2h.evaluation import pictures

    points = card["summary"]["curves"]
    names = sorted({name for point in points for name in point} - {"clip"})
    losses = {name: [point.get(name, np.nan) for point in points] for name in names}
    target = f"curves_{stage}_{key}.svg"
    title = f"{stage} {key}: {card['summary']['clips']} clips, {card['summary']['steps']} steps"
    with replacing(media / target) as temporary:
        pictures.curves(losses, [point["clip"] for point in points], temporary, title)
    return {"title": title, "picture": f"media/{target}"}


def _save(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)
