"""Which trainings are behind an experiment: its multi-person network, its flow, and whose videos they read."""

from __future__ import annotations

import functools
from typing import Any

from h2h.config import Params
from h2h.config.experiments import Experiment, changed
from h2h.errors import UserError
from h2h.layout.paths import FLOW_NETWORK
from h2h.layout.people import Cast

_TRUNK = ("flow", "network", "losses", "pretrain", "seed")  # what the multi-person stage reads besides data and method


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


def released(params: Params, name: str) -> bool:
    """Whether an experiment's multi-person network is its authors', and only copied (network.x2face)."""
    return params.experiments[name].method == "x2face" and params.of_experiment(name).network.x2face == "released"


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


@functools.cache
def _plain(params: Params) -> dict[str, Any]:
    return params.model_dump(mode="json")
