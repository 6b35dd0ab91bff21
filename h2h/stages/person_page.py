"""Stage person_page: everything about one person, from the clip to the films that were synthesised of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from h2h.config import Params, Sections, load_params
from h2h.io.cards import read_card
from h2h.io.h5 import reading
from h2h.stages.page_data import (
    SHEET,
    Site,
    base_of,
    done_card,
    keep_only,
    labels_of,
    link,
    of_person,
    rejections,
    save,
)

MOMENTS = 6  # held-out frames in the comparison
COMPARED = 5  # methods in it
LINES = 6  # methods in the chart of errors


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
    """Write a person's page, with pictures and the signed films beside it.

    --made are the synthesised frames of the person (EXPERIMENT.TARGET.SOURCE), --scored their scores; what the
    pipeline found in the person's own videos is in the folder of media that person_media wrote.
    """
    names = [path.stem for path in made or []], [path.stem for path in scored or []]
    return write(name, output, Site.of(reports), work, *names, load_params())


def write(
    name: str, output: Path, site: Site, work: Path, made: list[str], scored: list[str], params: Params
) -> dict[str, Any]:
    """Write the page to `output`, and what it shows beside where it will lie; returns what the overview says of it."""
    from h2h.pages.templating import render

    page, labels = site.person(name), labels_of(params)
    folder = page.with_suffix("")
    out = rejections(work).get(name)
    sheet = site.media / name / SHEET
    found = read_card(sheet) if sheet.with_suffix(".json").exists() else {}
    media = found["summary"] if found.get("status") == "done" else None
    films = _films(of_person(made, name), work, page, params)
    scores = {key: done_card(work, "evaluate", key) for key in of_person(scored, name)}
    scores = {key: card["summary"] for key, card in scores.items() if card is not None}
    selves = [film for film in films if film["source"] == name]
    pictures = _results(name, [film["made"] for film in selves if film["scored"]], work, folder, params)
    keep_only(folder, [Path(film["url"]).name for film in films] + [p["file"] for p in pictures["files"]])
    text = render(
        "person.html",
        root=site.up(page),
        section="people",
        title=name,
        profile=params.profile.name,
        name=name,
        rejected=out,
        media=media,
        media_url=link(site.media / name, page),
        fit=(site.media / name / "fit.svg").read_text(encoding="utf-8") if media else "",
        about=_identity(name),
        selves=selves,
        transfers={
            source: [film for film in films if film["source"] == source]
            for source in dict.fromkeys(film["source"] for film in films)
            if source != name
        },
        drives=[target for source, target in params.identities.reenactments if source == name],
        results=pictures,
        folder=link(folder, page),
        table=_scores(name, scores, params),
        labels=labels,
    )
    output.write_text(text, encoding="utf-8")
    return {
        "films": [film["made"] for film in films],
        "evaluated": sorted(scores),
        "rejected": out is not None,
    }


def _identity(person: str) -> dict[str, str]:
    from h2h.io.person_folder import identity_file

    about = identity_file(person).model_dump()
    return {key: str(about.get(key) or "") for key in ("source", "licence", "credit", "consent")}


def _films(made: list[str], work: Path, page: Path, params: Params) -> list[dict[str, Any]]:
    """The films of a person, copied beside the page byte for byte: their credentials stay valid."""
    found: list[dict[str, Any]] = []
    order = list(params.experiments)
    for key in sorted(made, key=lambda key: (order.index(key.split(".")[0]), key)):
        experiment, target, source = key.split(".")
        path, card = work / "synthesize" / f"{key}.mp4", done_card(work, "synthesize", key)
        if card is None or not path.exists() or not path.stat().st_size:
            continue
        copy = page.with_suffix("") / path.name
        save(copy, path.read_bytes())
        found.append(
            {
                "made": key,
                "url": link(copy, page),
                "label": _label(key, params),
                "experiment": base_of(params, experiment),
                "source": source,
                "fps": card["summary"]["fps"],
                "frames": card["summary"]["frames"],
                "scored": source == target and (work / "evaluate" / f"{experiment}.{target}.h5").exists(),
            }
        )
    return found


def _label(made: str, params: Params) -> str:
    """What an experiment's frames are called, with the seed where there are several."""
    entry = params.experiments[made.split(".")[0]]
    return labels_of(params)[made.split(".")[0]] + (f", seed {entry.changes['seed']}" if entry.repeats else "")


def _scores(person: str, scores: dict[str, dict[str, Any]], params: Params) -> Any:
    """The person's scores as the tables have them, in parts that fit the page."""
    from h2h.config.experiments import repeats
    from h2h.evaluation import score_table
    from h2h.pages.score_rows import score_table_of

    evaluations = {(person, key.split(".")[0]): summary for key, summary in scores.items()}
    used = {base_of(params, experiment) for _, experiment in evaluations}
    rows = score_table.rows(evaluations, [n for n in params.experiments if n in used], repeats(params.experiments))
    return score_table_of(rows, labels_of(params))


def _results(person: str, made: list[str], work: Path, folder: Path, params: Params) -> dict[str, Any]:
    """Pictures of the held-out frames: truth, conditions, results, errors; and the error of each frame as a chart."""
    from h2h.evaluation import pictures
    from h2h.pages.charts import lines_chart

    if not made:
        return {"files": [], "chart": ""}
    main = next(iter(params.tables.values())).experiments
    made = sorted(made, key=lambda key: key.split(".")[0] not in main)  # the main table's methods first
    shown, names = made[:COMPARED], {key: _label(key, params) for key in made}
    rows: dict[str, list[np.ndarray]] = {}
    means, lines = {}, {}
    with reading(work / "cache" / f"{person}.h5") as cache:
        for key in made:
            experiment, label = key.split(".")[0], names[key]
            with (
                reading(work / "synthesize" / f"{key}.h5") as result,
                reading(work / "evaluate" / f"{experiment}.{person}.h5") as scored,
            ):
                means[key] = pictures.heat(scored["error"][:].mean(axis=0))
                if len(lines) < LINES:
                    lines[label] = (result["index"][:], scored["pixel_distance"][:])
                if key not in shown:
                    continue
                moments = pictures.evenly(len(result["index"]), MOMENTS)
                if not rows:
                    truth = [int(result["index"][i]) for i in moments]
                    rows["truth"] = [pictures.on_black(cache["frames"][t], cache["mask"][t]) for t in truth]
                    rows["NMFC, gaze"] = [np.maximum(cache["nmfc"][t], cache["gaze"][t]) for t in truth]
                rows[label] = [result["frames"][i] for i in moments]
                rows[f"error of {label}"] = [pictures.heat(scored["error"][i]) for i in moments]
    files = [_picture(folder / "comparison.jpg", pictures.grid(rows, label_width=0))]
    files += [{**_picture(folder / f"mean.{key}.jpg", means[key]), "label": names[key]} for key in means]
    about = f"Average pixel distance of each held-out frame of {person}: {', '.join(lines)}"
    return {
        "files": files,
        "frames": truth,
        "labels": list(rows),
        "methods": [names[key] for key in shown],
        "chart": lines_chart(lines, "frame", "average pixel distance", about),
    }


def _picture(path: Path, picture: np.ndarray) -> dict[str, Any]:
    from h2h.evaluation import pictures

    save(path, pictures.to_jpeg(picture))
    return {"file": path.name, "width": picture.shape[1], "height": picture.shape[0]}
