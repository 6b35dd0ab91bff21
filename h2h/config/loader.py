"""Read, merge and validate parameters. YAML 1.2 floats (`1e-4` is a number), as DVC reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from h2h.config import flow_learning, geometry, learning, preprocessing, reporting
from h2h.config.base import Name, Section, escaped
from h2h.config.experiments import REENACTING, Experiment, Table, changed, repeated
from h2h.config.explain import explain
from h2h.config.figures import Figure
from h2h.config.yaml12 import Loader
from h2h.errors import UserError

T = TypeVar("T", bound=BaseModel)
LARGEST_SEED = 2**62  # torch takes 64 bits with a sign; what is derived from a seed adds to it
OF_PARAMS = "mend it; the comments in params.yaml say what each key is for"
SECTIONS = "give sections of params.yaml, as the workflow does, or leave it out for all of params.yaml"
MOST_BYTES = 1_000_000  # of a YAML file: people write them


class Params(Section):
    """All sections of `params.yaml`."""

    profile: preprocessing.Profile
    identities: preprocessing.Identities
    experiments: dict[Name, Experiment] = Field(description="name -> what it is; tables name them")
    tables: dict[Name, Table] = Field(description="name -> its rows; `snakemake all` makes them", min_length=1)
    figures: dict[Name, Figure] = Field(description="published figure -> what stands for it")
    image: preprocessing.Image
    frames: preprocessing.Frames
    matting: preprocessing.Matting
    landmarks: preprocessing.Landmarks
    head_model: geometry.HeadModel
    tracking: geometry.Tracking
    nmfc: geometry.Nmfc
    flow: geometry.Flow
    flow_data: flow_learning.FlowData
    flow_pretrain: flow_learning.FlowPretrain
    flow_finetune: flow_learning.FlowFinetune
    cache: geometry.Cache
    network: learning.Network
    losses: learning.Losses
    pretrain: learning.Pretrain
    finetune: learning.Finetune
    synthesize: learning.Synthesize
    evaluate: learning.Evaluate
    detector: learning.Detector
    report: reporting.Report
    compute: learning.Compute
    seed: int = Field(description="all random draws follow from it", ge=0, lt=LARGEST_SEED)

    def __hash__(self) -> int:
        """Equal parameters have equal hashes: what follows from them is remembered (`h2h.layout`)."""
        return hash((self.profile.work, self.seed, len(self.experiments), len(self.tables)))

    def of_experiment(self, name: str) -> Params:
        """These parameters with an experiment's changes."""
        return validate(Params, changed(self.model_dump(mode="json"), self.experiments[name]), f"experiments.{name}")

    def imported(self, name: str) -> str | None:
        """The bundle that an experiment starts from, instead of a multi-person training here."""
        experiment = self.experiments[name]
        return experiment.changes.get("pretrain.imported", self.pretrain.imported) if experiment.finetune else None

    @model_validator(mode="before")
    @classmethod
    def _repeat(cls, values: Any) -> Any:
        try:
            return repeated(values)
        except (AttributeError, KeyError, TypeError):
            return values  # not what it should be: validation says where

    @model_validator(mode="after")
    def _experiments(self) -> Params:
        named = {f"tables.{key}.rows": table.experiments for key, table in self.tables.items()}
        named["identities.quickstart.methods"] = self.identities.quickstart.methods
        for place, rows in named.items():
            unknown = sorted(set(rows) - set(self.experiments))
            if unknown:
                raise ValueError(f"{place}: {', '.join(unknown)} is not in experiments")
        reenacting = self.experiments.get(REENACTING)
        if reenacting is None or not reenacting.tuned:
            raise ValueError(
                f"experiments.{REENACTING} must be there, and fine-tuned: it makes the cross-person videos"
            )
        step = self.network.patch << self.network.halvings
        if self.image.size % step:
            raise ValueError(f"image.size {self.image.size} is no multiple of network.patch and the halvings ({step})")
        first = next(iter(self.tables))
        for key, table in self.tables.items():
            unknown = sorted(set(table.folds) - set(self.identities.folds))
            if unknown:
                raise ValueError(f"tables.{key}.folds: {', '.join(unknown)} is not in identities.folds")
        astray = sorted(set(self.identities.quickstart.methods) - set(self.tables[first].experiments))
        if self.tables[first].full:
            raise ValueError(f"tables.{first}: the first table is the quickstart's, and cannot be full")
        if astray:
            raise ValueError(f"identities.quickstart.methods: {', '.join(astray)} is no row of tables.{first}")
        for key, figure in self.figures.items():
            table = self.tables.get(figure.table)
            if table is None:  # the workflow says that the figure is left out
                continue
            if unknown := sorted(set(figure.rows) - set(table.experiments)):
                raise ValueError(f"figures.{key}.rows: {', '.join(unknown)} is no row of tables.{figure.table}")
            needs = {"driven": "transfers", "cycle": "cycles"}.get(figure.shows)
            if needs and not getattr(table, needs):
                raise ValueError(f"figures.{key} shows {figure.shows}: tables.{figure.table} needs {needs}")
        values = self.model_dump(mode="json", include=set(type(self).model_fields) - {"experiments", "tables"})
        for name, experiment in self.experiments.items():
            try:
                now = changed(values, experiment)
                for section in {key.split(".")[0] for key in experiment.changes} - {"seed"}:
                    type(getattr(self, section)).model_validate(now[section])
                if type(now["seed"]) is not int or not 0 <= now["seed"] < LARGEST_SEED:
                    raise ValueError(f"seed: {now['seed']!r} is no integer from 0 to 2**62")
            except (ValidationError, ValueError) as error:
                text = explain(error) if isinstance(error, ValidationError) else str(error)
                raise ValueError(f"experiments.{name}.changes: {text}") from error
        return self


def read_yaml(path: Path) -> Any:
    """Read a YAML file with the safe loader and YAML 1.2 floats.

    Raises:
        UserError: the file is missing, too large, no file, not UTF-8 or not YAML; the message names the line.
    """
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise UserError(f"{path} is no file", "put a text file there, or remove it")
        if Path(path).stat().st_size > MOST_BYTES:
            raise UserError(f"{path} has more than {MOST_BYTES} bytes", "shorten it")
        return yaml.load(Path(path).read_text(encoding="utf-8"), Loader)
    except FileNotFoundError as error:
        remedy = "go to the project's folder, or restore the file, for example with git checkout"
        raise UserError(f"{path} is missing", remedy) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}", "mend its mode, or the link that it is") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, a 31st of February
        shown = escaped(str(error))  # it quotes the file
        raise UserError(f"{path} is not readable YAML: {shown}", "mend the line that the message names") from error


def read_overlay(path: str | Path) -> dict[str, Any]:
    """What a profile lays over the base; nothing, if its file holds comments alone.

    Raises:
        UserError: it is no mapping.
    """
    values = read_yaml(path)
    if values is not None and not isinstance(values, dict):
        raise UserError(f"{path} is no mapping of parameters", "write it like params/paper.yaml")
    return values or {}


def merge(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with `overlay` laid over it: mappings are merged key by key, other values replaced."""
    merged = dict(base)
    for key, value in overlay.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def load_params(path: Path = Path("params.yaml"), overlay: Path | None = None) -> Params:
    """Load and validate the parameters, optionally with an overlay such as `params/paper.yaml`.

    Raises:
        UserError: an unknown key, a wrong type or an impossible value; the message lists all of them.
    """
    values = read_yaml(path)
    if overlay is not None:
        values = merge(values, read_overlay(overlay))
    return validate(Params, values, str(overlay or path))


def validate(model: type[T], values: Any, where: str, remedy: str = OF_PARAMS) -> T:
    """Validate `values` against a section, with a message that names `where` and every wrong key."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise UserError(f"{where}: " + explain(error), remedy) from error


class Sections:
    """The sections that one stage was given; asking for any other is a mistake in `dvc.yaml`."""

    def __init__(self, values: dict[str, Any], where: str = "--cfg"):
        unknown = sorted(set(values) - set(Params.model_fields))
        if unknown:
            raise UserError(f"{where}: unknown section {', '.join(unknown)}", "see params.yaml")
        self._sections = {}
        for key, value in values.items():
            kind = Params.model_fields[key].annotation
            is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
            self._sections[key] = validate(kind, value, f"{where}: {key}") if is_model else value

    @classmethod
    def from_json(cls, text: str) -> Sections:
        """Parse what a rule passes as `--cfg`.

        Raises:
            UserError: it is no JSON, or no mapping of sections.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UserError(f"--cfg is no JSON: {error}", SECTIONS) from error
        if not isinstance(values, dict):
            raise UserError("--cfg is no mapping of sections", SECTIONS)
        return cls(values)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_"):
            raise AttributeError(key)
        try:
            return self._sections[key]
        except KeyError:
            raise AttributeError(
                f"this stage reads the section {key!r}, but dvc.yaml does not list it among the stage's params"
            ) from None

    def __contains__(self, key: str) -> bool:
        return key in self._sections
