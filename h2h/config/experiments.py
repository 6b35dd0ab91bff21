"""The sections `experiments` and `tables` of `params.yaml`: rows of the tables, as data."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from h2h.config.base import Name, Section

Method = Literal["ours", "vid2vid", "x2face", "nearest_frame"]
LEARNED: tuple[Method, ...] = ("ours", "vid2vid", "x2face")  # nearest_frame copies training frames
TUNED: tuple[Method, ...] = ("ours", "vid2vid")  # x2face is shown the fine-tuning frames, and learns nothing from them
REENACTING = "ours"  # the experiment that makes the cross-person videos
CHANGEABLE = ("flow", "network", "losses", "pretrain", "finetune", "synthesize", "seed")


class Experiment(Section):
    """A method, and what it does otherwise than params.yaml says. Equal trainings are run once."""

    method: Method = Field(description="what makes the frames")
    label: str | None = Field(None, description="its name in tables and figures; by default the experiment's")
    changes: dict[str, Any] = Field(
        default_factory=dict, description=f"parameter -> value, e.g. finetune.frames: 100; of {', '.join(CHANGEABLE)}"
    )
    initialise: bool = Field(True, description="start from the multi-person network; false: from fresh weights")
    finetune: bool = Field(
        True, description="false: the multi-person network itself, on the held-out frames of its own people"
    )
    company: list[Name] = Field(
        default_factory=list, description="people in its multi-person training set besides those of the fold"
    )
    targets: list[Name] | None = Field(None, description="these people only")
    repeats: Name | None = Field(None, description="the experiment that this one is with another seed (tables.seeds)")

    @field_validator("changes")
    @classmethod
    def _changeable(cls, changes: dict[str, Any]) -> dict[str, Any]:
        for key in changes:
            if key.split(".")[0] not in CHANGEABLE or (key.count(".") != 1 and key != "seed"):
                raise ValueError(f"{key}: an experiment can change SECTION.KEY of {', '.join(CHANGEABLE)}")
        return changes

    @model_validator(mode="after")
    def _sensible(self) -> Experiment:
        if self.method not in LEARNED and not (self.initialise and self.finetune):
            raise ValueError(f"{self.method} is not trained: leave initialise and finetune out")
        if self.method not in TUNED and not self.initialise:
            raise ValueError(f"{self.method} is not fine-tuned: leave initialise out")
        if not (self.initialise or self.finetune):
            raise ValueError("nothing would be trained: initialise and finetune are both false")
        if self.company and not (self.learned and self.initialise):
            raise ValueError("company: there is no multi-person training that these people could join")
        return self

    @property
    def learned(self) -> bool:
        """Whether a network is trained."""
        return self.method in LEARNED

    @property
    def tuned(self) -> bool:
        """Whether the network is fine-tuned on each person."""
        return self.finetune and self.method in TUNED


class Table(Section):
    """A table of the report: experiments, scored on held-out frames."""

    title: str = Field(description="what it shows")
    rows: list[Name | list[Name]] = Field(
        description="experiments, in order; for a list of them, the one that turns out best", min_length=1
    )
    folds: list[Name] = Field(
        ["default"], description="whose targets; networks that are not fine-tuned are those of `default`"
    )
    people: int = Field(
        20,
        description="a network that is not fine-tuned is scored on at most so many of the people it was trained on, "
        "always the same ones",
        ge=1,
    )
    seeds: list[int] | None = Field(None, description="of the trainings; by default params.yaml's one", min_length=1)
    full: bool = Field(False, description="made by `snakemake all_full`, and not by `snakemake all`")
    transfers: bool = Field(
        False, description="also score its experiments driven by other people, the pairs of identities.reenactments"
    )
    detector: bool = Field(
        False, description="also ask a forgery detector about its experiments: trained on those of detector.known"
    )
    cycles: list[tuple[Name, Name]] = Field(
        default_factory=list,
        description="[X, Y]: X's held-out frames drive Y, and Y's synthesised video drives X (the tuned experiments)",
    )
    published: Literal["table1", "table2", "table3", "table1a", "table1b"] | None = Field(
        None, description="the published table to print beside it"
    )

    @property
    def experiments(self) -> list[str]:
        """All experiments of all rows."""
        return [name for row in self.rows for name in alternatives(row)]


def alternatives(row: str | list[str]) -> list[str]:
    """The experiments that a row is the best of."""
    return [row] if isinstance(row, str) else row


def with_seed(name: str, seed: int) -> str:
    """What an experiment is called that is repeated with another seed than params.yaml's."""
    return f"{name}-seed{seed}"


def repeated(values: dict[str, Any]) -> dict[str, Any]:
    """The parameters, as plain data, with an entry for every experiment that a table repeats with another seed."""
    experiments = dict(values["experiments"])
    for table in values["tables"].values():
        for seed in set(table.get("seeds") or ()) - {values["seed"]}:
            for name in (name for row in table["rows"] for name in alternatives(row)):
                entry = experiments[name]
                if entry["method"] not in LEARNED:
                    continue
                changes = {**entry.get("changes", {}), "seed": seed}
                again = {**entry, "label": entry.get("label") or name, "changes": changes, "repeats": name}
                experiments[with_seed(name, seed)] = again
    return {**values, "experiments": experiments}


def changed(values: dict[str, Any], experiment: Experiment) -> dict[str, Any]:
    """All parameters, as plain data, with an experiment's changes."""
    result = dict(values)
    for key, value in experiment.changes.items():
        section, _, name = key.partition(".")
        if not name:
            result[section] = value
            continue
        if name not in result[section]:
            raise ValueError(f"there is no parameter {key}")
        result[section] = {**result[section], name: value}
    if not experiment.finetune:  # it is scored on the network's own people, who are not here
        result["pretrain"] = {**result["pretrain"], "imported": None}
    return result


def labels(experiments: dict[str, Experiment]) -> dict[str, str]:
    """Experiment -> what tables and figures call it."""
    return {name: experiment.label or name for name, experiment in experiments.items()}


def repeats(experiments: dict[str, Experiment]) -> dict[str, str]:
    """Experiment that a table repeats with another seed -> the one with params.yaml's."""
    return {name: experiment.repeats for name, experiment in experiments.items() if experiment.repeats is not None}
