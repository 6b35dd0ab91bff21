"""The report's pages about the data, the environment and the user study."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from h2h import provenance
from h2h.stages import STAGES
from h2h.stages.page_data import Site, done_card, done_cards, link
from h2h.stages.report_run import Run

ENDPOINTS = ("frames", "matting", "landmarks", "head_model", "tracking", "nmfc", "flow", "flow_data", "flow_pretrain")
ENDPOINTS += (
    "flow_finetune",
    "cache",
    "pretrain",
    "finetune",
    "synthesize",
    "evaluate",
    "transfers",
    "round_trip",
    "detector",
)


def data_page(run: Run) -> str:
    """Whose videos, from where, under which licence, with whose consent; and the head model's licence."""
    from h2h.io.person_folder import clip_ingredients, identity_file
    from h2h.pages.templating import render

    people = []
    for name in run.who.people:
        about, card = identity_file(name), done_card(run.work, "cache", name)
        people.append(
            {
                "name": name,
                "role": run.who.roles[name],
                "frames": card["summary"]["frames"] if card else None,
                "clips": [(clip.name, clip.sha256) for clip in clip_ingredients(name, "target")],
                "films": sum(film.stem.split(".")[1] == name for film in run.films),
                **{key: getattr(about, key) or "" for key in ("source", "licence", "credit", "consent")},
            }
        )
    return render(
        "data.html",
        root="",
        section="data",
        title="Data and licences",
        profile=run.params.profile.name,
        people=people,
        shown=run.shown,
        problems=run.who.problems,
        head_model=_head_model(run.work),
        packages=_packages(),
    )


def environment_page(run: Run) -> str:
    """What everything was made with: machine, versions, parameters, artifacts by hash, signatures of the films."""
    from h2h.evaluation.environment import describe
    from h2h.pages.templating import render

    artifacts = {stage: done_cards(run.work / stage) for stage in ENDPOINTS}
    return render(
        "environment.html",
        root="",
        section="environment",
        title="Environment and provenance",
        profile=run.params.profile.name,
        environment=describe(),
        stages=[
            {
                "name": stage,
                "about": STAGES[stage],
                "code": provenance.code_digest(provenance.code_deps(stage)),
                "artifacts": [(name, card["sha256"]) for name, card in cards.items()],
            }
            for stage, cards in artifacts.items()
        ],
        films=[_signature(film, run.site) for film in run.films],
        sizes=_sizes(run.site),
        parameters=json.dumps(run.params.model_dump(mode="json"), indent=1, ensure_ascii=False),
    )


def study_page(run: Run) -> str:
    """The user study's tables, or that nobody has taken part."""
    from h2h.pages.templating import render
    from h2h.stages.study_tables_found import study_tables_found

    folder = Path(run.params.report.study)
    tables = study_tables_found(folder)
    text = folder / "tables" / "study.md"
    said = re.search(r"^(\d+ participants?)\.", text.read_text(encoding="utf-8"), re.MULTILINE) if tables else None
    return render(
        "study.html",
        root="",
        section="study",
        title="User study",
        profile=run.params.profile.name,
        tables=tables,
        folder=run.params.report.study,
        participants=said[1] if said else "",
    )


def _head_model(work: Path) -> dict[str, Any] | None:
    from h2h.tracking.head_model import load_head_model

    card = done_card(work, "head_model", "head_model")
    if card is None:
        return None
    licence = load_head_model(work / "head_model" / "head_model.h5").licence.strip()
    lines = [line.strip("# ").strip() for line in licence.splitlines() if line.strip("# ").strip()]
    return {**card["summary"], "licence": lines[0], "text": licence}


def _packages() -> list[tuple[str, str, str]]:
    from h2h.evaluation.environment import licences

    return licences()


def _signature(film: Path, site: Site) -> dict[str, Any]:
    """What a film's Content Credentials say; a film without any is told."""
    from h2h.io.credentials import NoCredentials, read_credentials

    found = {"name": film.stem, "url": link(film, site.root / "environment.html"), "size": film.stat().st_size}
    try:
        said = read_credentials(film)
    except NoCredentials:
        return found | {"signed": False}
    about = {"signer": said.signer, "generator": said.generator, "created": said.created or ""}
    return found | {"signed": True, "intact": said.intact, "synthetic": said.synthetic, **about}


def _sizes(site: Site) -> list[tuple[str, int, int]]:
    """What the report takes on disk: kind, files, bytes; all of it last."""
    kinds = {"films": (".mp4",), "pictures": (".jpg", ".png", ".svg"), "pages": (".html", ".css", ".js")}
    folders = {site.root, site.media, site.tables}
    files = {
        path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")
    }
    files = {
        path
        for path in files
        if "full" not in path.relative_to(site.media.parent).parts[:1] or site.root.name == "full"
    }
    found = []
    for kind, suffixes in kinds.items():
        sizes = [path.stat().st_size for path in files if path.suffix in suffixes]
        found.append((kind, len(sizes), sum(sizes)))
    known = {suffix for suffixes in kinds.values() for suffix in suffixes}
    rest = [path.stat().st_size for path in files if path.suffix not in known]
    found.append(("tables and cards", len(rest), sum(rest)))
    return [*found, ("all", sum(f[1] for f in found), sum(f[2] for f in found))]
