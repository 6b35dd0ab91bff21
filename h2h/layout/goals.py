"""What a target of the workflow asks for: the models' jobs, and the people in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from h2h.config import Params
from h2h.config.experiments import REENACTING
from h2h.errors import UserError
from h2h.io.person_folder import PEOPLE
from h2h.layout.choice import some_of
from h2h.layout.networks import flow_network, flow_of, fold_in, trained_on, trunk
from h2h.layout.paths import FLOW_NETWORK
from h2h.layout.people import Cast
from h2h.layout.table_jobs import cycles, jobs, tables, transfers


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


def goal_of(params: Params, who: Cast, scope: str) -> Wanted:
    """What a run asks for: "quickstart", "all" or "all_full".

    Raises:
        UserError: the quickstart's target is nobody's folder, or no target.
    """
    if scope != "quickstart":
        return everything(params, who, full=scope == "all_full")[0]
    if (quick := quickstart(params, who)) is None:
        raise UserError(
            f"params.yaml: identities.quickstart.target {params.identities.quickstart.target} is no target in {PEOPLE}",
            "name another person there, or fetch the demo's people with `h2h clips`",
        )
    return quick


def flow_jobs(params: Params, wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """The jobs behind all flows, besides the people's frames: stage -> names of the artifacts."""
    used = {None, *(name.split(".")[0] for name in wanted.flows)}
    stages = {found[0] for found in (flow_network(params, name) for name in used) if found}
    network, facial = (FLOW_NETWORK,) * bool(stages), "flow_finetune" in stages
    data = ("flow_data",) if facial else ()
    return {"flow_data": data, "flow_pretrain": network, "flow_finetune": network if facial else ()}


def involved(params: Params, who: Cast, wanted: Wanted) -> tuple[str, ...]:
    """Everybody who is seen, drives or is trained on in a run's models, sorted."""
    used = {name for key in wanted.synthesized for name in key.split(".")[1:]}
    used |= {name for key in wanted.pretrained for name in trained_on(params, who, *key.split("."))}
    return tuple(name for name in who.people if name in used)


def with_page(params: Params, who: Cast, wanted: Wanted) -> tuple[str, ...]:
    """The people whom a run's report has a page for: everybody whom a result shows, and some of the others, sorted.

    The others are those of `snakemake all`: a run that makes a part of it shows no more people than it does.
    """
    whole, _ = everything(params, who)
    seen = _seen(whole)
    others = some_of([name for name in who.people if name not in seen], params.report.others)
    shown = seen.union(_seen(wanted), others)
    return tuple(name for name in who.people if name in shown)


def telling(who: Cast, wanted: Wanted) -> list[tuple[str, str]]:
    """Stage and name of the jobs whose cards tell of every rejection of a run.

    One found early is passed on to them, from a video to its scores.
    """
    scored = {f"{job}.{job.split('.')[1]}" for job in wanted.evaluated}
    films = [job for job in wanted.synthesized if job not in scored]
    found = {
        "cache": who.people,
        "finetune": wanted.finetuned,
        "synthesize": films,
        "evaluate": wanted.evaluated,
        "round_trip": wanted.cycled,
    }
    return [(stage, name) for stage, names in found.items() for name in names]


def _seen(wanted: Wanted) -> set[str]:
    return {name for key in (*wanted.synthesized, *wanted.cycled) for name in key.split(".")[1:]}


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
