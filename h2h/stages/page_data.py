"""What the report's pages read: cards, scores, who was left out, and where pages and media lie."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h2h.config import Params, read_yaml
from h2h.config.experiments import labels, repeats
from h2h.errors import UserError
from h2h.io.atomic import replacing
from h2h.io.cards import read_card

if TYPE_CHECKING:
    import pandas as pd

PUBLISHED = Path(__file__).parents[1] / "evaluation" / "data" / "published_results.yaml"
# columns of tables that hold names and words
NAMES = ("person", "experiment", "features", "target", "source", "partner", "driver", "detector", "kind")
SHEET = "contact_sheet.jpg"  # in a person's folder of media, the artifact of person_media


@dataclass(frozen=True)
class Site:
    """A report's folder.

    Attributes:
        root: where `index.html` lies.
        media: folder of the people's media, which the reports of all scopes share.
        tables: folder of the tables' CSV files, likewise.
    """

    root: Path
    media: Path
    tables: Path

    @classmethod
    def of(cls, reports: Path, root: Path | None = None) -> Site:
        """Of a profile's reports; `root` if the pages lie elsewhere."""
        return cls(root or reports, reports / "media", reports / "tables")

    def up(self, page: Path) -> str:
        """What leads from a page to the folder of `index.html`: "" or "../"."""
        return link(self.root / "x", page)[:-1]

    def person(self, name: str) -> Path:
        """A person's page; beside it a folder of that name."""
        return self.root / "people" / f"{name}.html"

    def table(self, name: str) -> Path:
        """A table's page."""
        return self.root / "results" / f"{name}.html"

    def figure(self, name: str) -> Path:
        """A figure's page, which all scopes share; beside it a folder of that name."""
        return self.media.parent / "figures" / f"{name}.html"

    def experiment(self, name: str) -> Path:
        """An experiment's page; beside it a folder of that name."""
        return self.root / "experiments" / f"{name}.html"


def link(target: Path, page: Path) -> str:
    """The address of a file as a page names it, for opening from disk."""
    return Path(os.path.relpath(target, page.parent)).as_posix()


def done_cards(folder: Path) -> dict[str, dict[str, Any]]:
    """All finished artifacts of a stage: name -> card."""
    found = {path.stem: read_card(path) for path in _cards(folder.glob("*.json"))}
    return {key: card for key, card in found.items() if card.get("status") == "done"}


def done_card(work: Path, stage: str, name: str) -> dict[str, Any] | None:
    """The card of an artifact, None without one or of a rejected one."""
    path = work / stage / f"{name}.json"
    card = read_card(path) if path.exists() else {}
    return card if card.get("status") == "done" else None


def rejections(work: Path) -> dict[str, dict[str, str]]:
    """Whoever was left out, also long ago: name -> the stage that found it (`at`), `reason` and `remedy`."""
    found: dict[str, dict[str, str]] = {}
    for path in _cards(work.glob("*/*.json")):
        card = read_card(path)
        if card.get("status") == "rejected" and card["at"] == card["stage"]:
            found[card["name"]] = {key: card[key] for key in ("name", "at", "reason", "remedy")}
    return found


def _cards(paths: Iterable[Path]) -> list[Path]:
    """Those of the files that are not being written just now (`replacing`), sorted."""
    return sorted(path for path in paths if not path.name.startswith((".", "_")))


def read_metrics(path: Path) -> dict[str, Any]:
    """The file that `h2h metrics` wrote: table -> person -> experiment -> metric -> number.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}", "run snakemake stage_tables") from error


def read_table(path: Path, names: Iterable[str] = NAMES) -> pd.DataFrame:
    """A CSV file of the stage tables. What stands in the columns `names` is text: people may be called 007 or NA.

    Raises:
        pandas.errors.EmptyDataError: the file is empty.
    """
    import pandas as pd

    head = pd.read_csv(path, nrows=0).columns
    texts = {column: str for column in head if column in set(names)}
    missing = {column: [""] for column in head if column not in texts}
    return pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=missing)


def published_results() -> dict[str, Any]:
    """All numbers that the papers publish."""
    return read_yaml(PUBLISHED)


def trainings(made: str, work: Path) -> list[str]:
    """STAGE/NAME of the trainings behind some synthesised frames, in order.

    Args:
        made: EXPERIMENT.TARGET.SOURCE.
        work: folder of all artifacts.
    """
    card = done_card(work, "synthesize", made)
    network = card and card["summary"].get("network")
    if not network:
        return []
    stage, name = network.split("/")
    tuned = done_card(work, "finetune", name) if stage == "finetune" else None
    start = tuned and tuned["summary"].get("pretrained")
    return [*([f"pretrain/{start}"] if start else []), network]


def base_of(params: Params, experiment: str) -> str:
    """The experiment that another one repeats with another seed, or itself."""
    return repeats(params.experiments).get(experiment, experiment)


def save(path: Path, content: bytes | str) -> None:
    """Write a file beside a page, atomically; the same content leaves it as it is."""
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def keep_only(folder: Path, names: Iterable[str]) -> None:
    """Remove the files of a page's folder that it no longer shows."""
    kept = set(names)
    for path in folder.iterdir() if folder.is_dir() else []:
        if path.is_file() and path.name not in kept and not path.name.startswith("."):
            path.unlink()


def of_person(names: Iterable[str], person: str) -> list[str]:
    """Those of EXPERIMENT.TARGET[.SOURCE] whose target is a person."""
    return [name for name in names if name.split(".")[1] == person]


def of_experiment(params: Params, names: Iterable[str], experiment: str) -> list[str]:
    """Those of EXPERIMENT.TARGET[.SOURCE] of an experiment, with all of its seeds."""
    return [name for name in names if base_of(params, name.split(".")[0]) == experiment]


def labels_of(params: Params) -> dict[str, str]:
    """Experiment -> what it is called."""
    return labels(params.experiments)
