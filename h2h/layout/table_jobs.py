"""What the tables and figures of `params.yaml` are made from."""

from __future__ import annotations

from h2h.config import Params
from h2h.config.experiments import REENACTING, Experiment, Table, with_seed
from h2h.errors import UserError
from h2h.layout.choice import some_of
from h2h.layout.networks import trained_on
from h2h.layout.paths import TARGETS
from h2h.layout.people import Cast


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


def jobs(params: Params, who: Cast, name: str) -> list[str]:
    """What is evaluated for a table: EXPERIMENT.PERSON, of every alternative of a row and with every seed."""
    table, found = params.tables[name], []
    for row in table.experiments:
        experiment = params.experiments[row]
        seeds = [params.seed] if table.seeds is None or not experiment.learned else table.seeds
        names = [row if seed == params.seed else with_seed(row, seed) for seed in seeds]
        found += [f"{each}.{person}" for each in names for person in _people(experiment, who, table)]
    return found


def transfers(params: Params, who: Cast, name: str) -> list[str]:
    """What of a table is driven by others and scored: EXPERIMENT.TARGET.SOURCE, with params.yaml's own seed."""
    table, found = params.tables[name], []
    pairs = [(source, target) for source, target in params.identities.reenactments if source in who.people]
    for row in table.experiments if table.transfers else ():
        experiment = params.experiments[row]
        people = _people(experiment, who, table) if experiment.finetune else []
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
            if x not in _people(params.experiments[row], who, table):
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


def _people(experiment: Experiment, who: Cast, table: Table) -> list[str]:
    """Whom an experiment is scored on: the folds' targets, or some people of the default multi-person network."""
    people = who.targets if experiment.finetune else who.initialise["default"]
    wanted = [name for name in people if experiment.targets is None or name in experiment.targets]
    if experiment.finetune:
        return [name for name in wanted if who.fold_of[name] in table.folds]
    return some_of(wanted, table.people)
