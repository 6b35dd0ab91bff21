"""Where artifacts lie, and who is who: the people in `data/identities`, their roles and folds.

The Snakefile, the planner and the tests all ask here, so that a path or a role is decided in one place.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from h2h.config import Params
from h2h.config.base import check_name
from h2h.config.experiments import REENACTING, Experiment, changed, with_seed
from h2h.config.preprocessing import Role
from h2h.errors import UserError
from h2h.io.person_folder import PEOPLE, identity_file

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".avi", ".mkv", ".m4v")  # as in h2h.io.video, which is slow to import
PREPROCESSING = ("frames", "matting", "landmarks", "tracking", "nmfc", "flow", "cache")  # one job a person
_TRUNK = ("flow", "network", "losses", "pretrain", "seed")  # what the multi-person stage reads besides data and method
TARGETS = (  # rules of the workflow, besides stage_NAME
    *PREPROCESSING, "head_model", "flow_data", "flow_pretrain", "flow_finetune", "pretrain", "finetune", "synthesize",
    "evaluate", "transfers", "round_trip", "detector", "table", "metrics", "person_media", "person_page",
    "experiment_page", "table_page", "figure_page", "tables_pdf", "report", "quickstart_tables", "quickstart_report",
    "full_metrics", "full_report", "rejections", "verdict", "all", "all_full", "quickstart",
)  # fmt: skip
_CHECKPOINTS = ("pretrain", "finetune", "flow_pretrain", "flow_finetune")
FLOW_NETWORK = "flownet2"  # what the artifacts of flow_pretrain and flow_finetune are called


@dataclass(frozen=True)
class Layout:
    """Paths of the artifacts of one profile."""

    work: str
    reports: str

    def artifact(self, stage: str, name: str) -> str:
        """The big file of one job; of the flow that an experiment changes, the job is EXPERIMENT.PERSON."""
        return f"{self.work}/{stage}/{name}.{'safetensors' if stage in _CHECKPOINTS else 'h5'}"

    def card(self, stage: str, name: str) -> str:
        """The small file beside it, which is written last."""
        return f"{self.work}/{stage}/{name}.json"


@dataclass(frozen=True)
class Cast:
    """Who plays which part.

    Attributes:
        people: everybody with a usable folder, sorted.
        roles: person -> role.
        initialise: fold -> people of its multi-person training set.
        fold_of: target -> the fold whose model it is fine-tuned from.
        problems: entry of `data/identities` -> why it cannot be a person; the others go on without it.
        warnings: what is probably not meant, for the terminal.
    """

    people: tuple[str, ...]
    roles: dict[str, Role]
    initialise: dict[str, tuple[str, ...]]
    fold_of: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Everybody who is fine-tuned."""
        return tuple(sorted(self.fold_of))


@dataclass(frozen=True)
class Wanted:
    """The models' jobs that a target of the workflow asks for; names as in `docs/artifacts.md`."""

    flows: tuple[str, ...]
    pretrained: tuple[str, ...]
    finetuned: tuple[str, ...]
    synthesized: tuple[str, ...]
    evaluated: tuple[str, ...]
    transferred: tuple[str, ...] = ()
    detected: tuple[str, ...] = ()
    cycled: tuple[str, ...] = ()


def find_people(folder: Path = PEOPLE) -> tuple[tuple[str, ...], dict[str, str]]:
    """List the people and the entries that cannot be one.

    Returns:
        The names of all usable folders, sorted, and a map from every other entry to what is wrong
        with it. Hidden entries are skipped.
    """
    people, problems = [], {}
    for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not entry.exists():
            problems[_shown(entry.name)] = f"{folder / _shown(entry.name)} is a symbolic link that leads nowhere"
        elif not entry.is_dir():
            if entry.suffix.lower() in VIDEO_SUFFIXES:
                shown = _shown(entry.name)
                problems[shown] = f"{folder / shown} is a file: put it into a folder named after the person"
        else:
            try:
                people.append(check_name(entry.name))
            except ValueError as error:
                shown = _shown(entry.name)
                problems[shown] = f"{folder / shown}: {error}; rename the folder"
    return tuple(people), problems


def _shown(name: str) -> str:
    """A name that may be no UTF-8, or steer the terminal."""
    return name if name.isprintable() else ascii(name)


def cast(params: Params, folder: Path = PEOPLE) -> Cast:
    """Decide who plays which part.

    `identities.roles` goes first, then the folds' lists, then the person's `identity.yaml`; whoever is
    named nowhere is a target of the fold `default`. A person with the role `train` who is in no fold's
    list joins the initialisation set of `default`.

    Raises:
        UserError: nobody is there, a fold has nobody to train on, `identities.roles` contradicts a
            fold, or an `identity.yaml` has an unknown key or a wrong value.
    """
    people, problems = find_people(folder)
    if not people:
        found = "; ".join(problems.values())
        raise UserError(
            f"there is no person in {folder}" + (f" ({found})" if found else ""),
            f"put videos into {folder}/NAME/, or fetch the demo's people with `h2h clips`",
        )
    files = {name: identity_file(name, folder) for name in people}
    folds = params.identities.folds
    listed_target = {name: fold for fold, part in folds.items() for name in part.targets}
    listed_train = {name for part in folds.values() for name in part.initialise}
    warnings = [
        f"{name} is listed in identities, but {folder / name} does not exist: left out"
        for name in sorted((set(listed_target) | listed_train | set(params.identities.roles)) - set(people))
        if name not in problems
    ]

    roles: dict[str, Role] = {}
    for name in people:
        listed: Role | None = "target" if name in listed_target else "train" if name in listed_train else None
        chosen = params.identities.roles.get(name)
        if chosen and listed and chosen != listed and not (chosen == "target" and listed == "train"):
            raise UserError(
                f"params.yaml: identities.roles makes {name} a {chosen}, identities.folds a {listed}",
                "change one of the two",
            )
        own = files[name].role
        if own and listed and own != listed and not chosen:
            warnings.append(
                f"{folder / name / 'identity.yaml'} says role {own}, but identities.folds in params.yaml "
                f"lists {name} as {listed}: params.yaml counts"
            )
        roles[name] = chosen or listed or own or "target"

    initialise = {fold: tuple(name for name in people if name in part.initialise) for fold, part in folds.items()}
    joining = tuple(n for n in people if roles[n] == "train" and n not in listed_train)
    initialise["default"] = tuple(sorted(initialise["default"] + joining))
    fold_of = {n: listed_target.get(n, "default") for n in people if roles[n] == "target"}
    for target, fold in fold_of.items():
        others = set(initialise[fold])
        if target in others:
            raise UserError(
                f"params.yaml: {target} is a target of the fold {fold} and in its initialisation set",
                f"take {target} out of identities.folds.{fold}.initialise or out of identities.roles",
            )
        if not others and _initialised(params):
            raise UserError(
                f"nobody in {folder} belongs to the initialisation set of the fold {fold}, which {target} needs",
                f"list people under identities.folds.{fold}.initialise, give folders an identity.yaml with "
                "`role: train`, or fetch the demo's people with `h2h clips`",
            )
    return Cast(people, roles, initialise, fold_of, problems, tuple(warnings))


def everything(params: Params, who: Cast, full: bool = False) -> tuple[Wanted, tuple[str, ...]]:
    """What `snakemake all` (with `full`: `all_full`) asks for, tables and reenactments, and warnings."""
    pairs, warnings = [], []
    for name, experiment in params.experiments.items():
        unknown = sorted(set(experiment.targets or ()) - set(who.people))
        if unknown:
            warnings.append(f"experiments.{name} is for {', '.join(unknown)}, who is not there")
    for name, figure in params.figures.items():
        if figure.table not in params.tables:
            warnings.append(f"figures.{name} is left out: {figure.table} is not in tables")
    for source, target in params.identities.reenactments:
        lacking = [name for name in (source, target) if name not in who.people]
        if lacking:
            warnings.append(f"the reenactment {source} -> {target} is left out: no folder for {', '.join(lacking)}")
        elif target not in who.fold_of:
            raise UserError(
                f"params.yaml: identities.reenactments drives {target}, who is no target",
                f"give {target} the role target, or take the pair out",
            )
        else:
            pairs.append((source, target))
    for name in tables(params, full):
        for x, y in params.tables[name].cycles:
            lacking = [person for person in (x, y) if person not in who.people]
            if lacking:
                warnings.append(f"the cycle {x} -> {y} of {name} is left out: no folder for {', '.join(lacking)}")
    evaluated = [job for name in tables(params, full) for job in jobs(params, who, name)]
    transferred = [job for name in tables(params, full) for job in transfers(params, who, name)]
    crossed = [f"{REENACTING}.{target}.{source}" for source, target in pairs]
    detected = [name for name in tables(params, full) if params.tables[name].detector]
    cycled = [job for name in tables(params, full) for job in cycles(params, who, name)]
    return _wanted(params, who, evaluated, crossed, transferred, detected, cycled), tuple(warnings)


def quickstart(params: Params, who: Cast) -> Wanted | None:
    """What `snakemake quickstart` asks for; None if its target has no folder or another role."""
    part = params.identities.quickstart
    if part.target not in who.fold_of:
        return None
    crossed = [f"{REENACTING}.{part.target}.{part.source}"] if part.source in who.people else []
    return _wanted(params, who, [f"{method}.{part.target}" for method in part.methods], crossed)


def check_names(params: Params) -> None:
    """Refuse tables and figures whose names are already targets of the workflow: each of them is one, too.

    Raises:
        UserError: naming the table or figure.
    """
    for name in params.tables:
        if name in TARGETS or name.startswith("stage_"):
            raise UserError(f"params.yaml: tables.{name}: `snakemake {name}` is something else", "rename the table")
    for name in params.figures:
        if name in TARGETS or name in params.tables or name.startswith("stage_"):
            raise UserError(f"params.yaml: figures.{name}: `snakemake {name}` is something else", "rename the figure")


def tables(params: Params, full: bool = False) -> list[str]:
    """The tables that `snakemake all` makes; with `full` also those that only `all_full` does."""
    return [name for name, table in params.tables.items() if full or not table.full]


def figures(params: Params, full: bool = False) -> list[str]:
    """The figures whose tables `snakemake all` (with `full`: `all_full`) makes."""
    made = tables(params, full)
    return [name for name, figure in params.figures.items() if figure.table in made]


def pictured(params: Params, who: Cast, name: str) -> list[str]:
    """Whose frames a figure shows: EXPERIMENT.TARGET.SOURCE, in the order of its rows; of a cycle EXPERIMENT.X.Y."""
    figure = params.figures[name]
    if figure.shows == "driven":
        found = transfers(params, who, figure.table)
    elif figure.shows == "cycle":
        found = cycles(params, who, figure.table)
    else:
        found = [f"{job}.{job.split('.')[1]}" for job in jobs(params, who, figure.table)]
    return [job for row in figure.rows for job in found if job.split(".")[0] == row]


def jobs(params: Params, who: Cast, name: str) -> list[str]:
    """What is evaluated for a table: EXPERIMENT.PERSON, of every alternative of a row and with every seed."""
    table, found = params.tables[name], []
    for row in table.experiments:
        experiment = params.experiments[row]
        seeds = [params.seed] if table.seeds is None or not experiment.learned else table.seeds
        names = [row if seed == params.seed else with_seed(row, seed) for seed in seeds]
        found += [f"{each}.{person}" for each in names for person in _people(experiment, who, table.folds)]
    return found


def transfers(params: Params, who: Cast, name: str) -> list[str]:
    """What of a table is driven by others and scored: EXPERIMENT.TARGET.SOURCE, with params.yaml's own seed."""
    table, found = params.tables[name], []
    pairs = [(source, target) for source, target in params.identities.reenactments if source in who.people]
    for row in table.experiments if table.transfers else ():
        experiment = params.experiments[row]
        people = _people(experiment, who, table.folds) if experiment.finetune else []
        found += [f"{row}.{target}.{source}" for source, target in pairs if target in people]
    return found


def cycles(params: Params, who: Cast, name: str) -> list[str]:
    """Cycle reenactments of a table: EXPERIMENT.X.Y of its fine-tuned experiments, of people who are there.

    Raises:
        UserError: X is no target of the table's folds, or Y is in the initialisation set of Y's fold.
    """
    table, found = params.tables[name], []
    for x, y in table.cycles:
        if x not in who.people or y not in who.people:
            continue
        for row in (row for row in table.experiments if params.experiments[row].tuned):
            if x not in _people(params.experiments[row], who, table.folds):
                raise UserError(
                    f"params.yaml: tables.{name}.cycles: {x} is nobody whom the table's {row} is scored on",
                    "take a target of the table's folds",
                )
            if params.experiments[row].initialise and y in trained_on(params, who, row, who.fold_of.get(y, "default")):
                raise UserError(
                    f"params.yaml: tables.{name}.cycles: {y} is in the set that {row} is initialised on",
                    "take somebody else, or make a fold of which this person is a target",
                )
            found.append(f"{row}.{x}.{y}")
    return found


def judged(params: Params, who: Cast, name: str) -> list[str]:
    """What a table's forgery detector is shown: EXPERIMENT.TARGET.SOURCE, its scored frames and the reenactments.

    The reenactments are those of identities.reenactments, which are made anyway.
    """
    if not params.tables[name].detector:
        return []
    found = [f"{job}.{job.split('.')[1]}" for job in jobs(params, who, name)]
    pairs = params.identities.reenactments if REENACTING in params.tables[name].experiments else []
    people = {job.split(".")[1] for job in found if job.startswith(f"{REENACTING}.")}
    crossed = [f"{REENACTING}.{target}.{source}" for source, target in pairs if source in who.people]
    return found + [job for job in crossed if job.split(".")[1] in people]


@functools.cache
def _plain(params: Params) -> dict[str, Any]:
    return params.model_dump(mode="json")


@functools.cache
def flow_of(params: Params, name: str) -> str | None:
    """The experiment that the flow is called after which an experiment is trained with.

    It is the first that changes the section `flow` alike; None for params.yaml's own flow, which is in the caches.
    """
    values = _plain(params)
    wanted = changed(values, params.experiments[name])["flow"]
    if wanted == values["flow"]:
        return None
    return next(key for key, other in params.experiments.items() if changed(values, other)["flow"] == wanted)


@functools.cache
def flow_network(params: Params, name: str | None = None) -> tuple[str, str] | None:
    """Stage and name of the network that estimates params.yaml's flow, or an experiment's; None without one."""
    flow = params.flow if name is None else params.of_experiment(name).flow
    if flow.method != "flownet2":
        return None
    return "flow_finetune" if flow.network == "facial" else "flow_pretrain", FLOW_NETWORK


def flow_jobs(params: Params, wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """The jobs behind all flows, besides the people's frames: stage -> names of the artifacts."""
    used = {None, *(name.split(".")[0] for name in wanted.flows)}
    stages = {found[0] for found in (flow_network(params, name) for name in used) if found}
    network, facial = (FLOW_NETWORK,) * bool(stages), "flow_finetune" in stages
    data = ("flow_data",) if facial else ()
    return {"flow_data": data, "flow_pretrain": network, "flow_finetune": network if facial else ()}


@functools.cache
def trunk(params: Params, name: str) -> str:
    """The experiment whose multi-person network an experiment uses: the first whose settings for it are equal."""
    values, own = _plain(params), params.experiments[name]
    wanted = _of_trunk(values, own)
    for other, experiment in params.experiments.items():
        alike = experiment.learned and experiment.initialise and experiment.method == own.method
        alike = alike and sorted(experiment.company) == sorted(own.company)
        if alike and _of_trunk(values, experiment) == wanted:
            return other
    return name


def fold_in(params: Params, who: Cast, name: str, person: str) -> str:
    """The fold whose multi-person network an experiment uses for a person."""
    return who.fold_of.get(person, "default") if params.experiments[name].finetune else "default"


def trained_on(params: Params, who: Cast, name: str, fold: str) -> tuple[str, ...]:
    """Whose caches an experiment's multi-person training reads; nobody's where its network is imported.

    Raises:
        UserError: somebody of its `company` is not there, or a target of the fold.
    """
    if params.imported(name):
        return ()
    company = set(params.experiments[name].company)
    if lacking := sorted(company - set(who.people)):
        raise UserError(
            f"params.yaml: experiments.{name}.company lists {', '.join(lacking)}, who have no folder",
            "put their videos there (rendered people: `h2h clips --rendered`), or take them out",
        )
    if targets := sorted(name for name in company if who.fold_of.get(name) == fold):
        raise UserError(
            f"params.yaml: experiments.{name}.company lists {', '.join(targets)}, a target of the fold {fold}",
            "take them out, or give them the role source",
        )
    return tuple(sorted(company.union(who.initialise[fold])))


def involved(params: Params, who: Cast, wanted: Wanted) -> tuple[str, ...]:
    """Everybody who is seen, drives or is trained on in a run's models, sorted."""
    used = {name for key in wanted.synthesized for name in key.split(".")[1:]}
    used |= {name for key in wanted.pretrained for name in trained_on(params, who, *key.split("."))}
    return tuple(name for name in who.people if name in used)


def network(params: Params, who: Cast, name: str, person: str) -> tuple[str, str] | None:
    """Stage and name of the network that makes an experiment's frames of a person; None without a network."""
    experiment = params.experiments[name]
    if not experiment.learned:
        return None
    if experiment.tuned:
        return "finetune", f"{name}.{person}"
    return "pretrain", f"{trunk(params, name)}.{fold_in(params, who, name, person)}"


def _of_trunk(values: dict[str, Any], experiment: Experiment) -> dict[str, Any]:
    now = changed(values, experiment)
    return {key: now[key] for key in _TRUNK}


def _initialised(params: Params) -> bool:
    rows = {row for table in params.tables.values() for row in table.experiments}
    rows |= set(params.identities.quickstart.methods)
    rows |= {REENACTING} if params.identities.reenactments else set()
    tuned = {row: params.experiments[row] for row in rows if params.experiments[row].finetune}
    return any(e.learned and e.initialise and params.imported(row) is None for row, e in tuned.items())


def _people(experiment: Experiment, who: Cast, folds: Sequence[str]) -> list[str]:
    """Whom an experiment is scored on: the folds' targets, or the people of the default multi-person network."""
    people = [name for name in who.targets if who.fold_of[name] in folds]
    people = people if experiment.finetune else list(who.initialise["default"])
    return [name for name in people if experiment.targets is None or name in experiment.targets]


def _wanted(
    params: Params,
    who: Cast,
    evaluated: Iterable[str],
    crossed: Iterable[str],
    transferred: Iterable[str] = (),
    detected: Iterable[str] = (),
    cycled: Iterable[str] = (),
) -> Wanted:
    evaluated, transferred = _unique(evaluated), _unique(transferred)
    synthesized = _unique([f"{name}.{name.split('.')[1]}" for name in evaluated] + [*crossed, *transferred])
    pretrained, finetuned = [], []
    backwards = [".".join((method, y, x)) for method, x, y in (name.split(".") for name in cycled)]
    everyone = [*synthesized, *cycled, *backwards]
    for method, target in sorted({tuple(name.split(".")[:2]) for name in everyone}):
        experiment = params.experiments[method]
        if experiment.tuned:
            finetuned.append(f"{method}.{target}")
        if experiment.learned and experiment.initialise:
            pretrained.append(f"{trunk(params, method)}.{fold_in(params, who, method, target)}")
    pretrained = _unique(pretrained)
    trained = [(name, trained_on(params, who, *name.split("."))) for name in pretrained]
    trained += [(name, (name.split(".")[1],)) for name in finetuned]
    flows = []
    for name, people in trained:
        if flow := flow_of(params, name.split(".")[0]):
            flows += [f"{flow}.{person}" for person in people]
    learned = _unique(flows), pretrained, _unique(finetuned), synthesized
    return Wanted(*learned, evaluated, transferred, _unique(detected), _unique(cycled))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
