"""Take in an initialisation bundle: check it, put it into models/, and let params.yaml name it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from h2h import layout
from h2h.bundles.card import Card
from h2h.bundles.fit import differences, head_model_differences
from h2h.config import Params, read_yaml
from h2h.config.yaml12 import Loader
from h2h.errors import UserError
from h2h.io.atomic import replacing, write_text

MODELS, PARAMS = Path("models"), Path("params.yaml")


def install(bundle: Path, params: Params, dry_run: bool) -> list[str]:
    """Check a bundle, compare it with the project, and install it unless this is a dry run.

    Returns:
        What to tell.

    Raises:
        UserError: it is damaged, or fits no experiment or not the head model that is here; nothing was changed.
    """
    from h2h.io.cards import sha256
    from h2h.stages.imported import DIGITS, read_bundle

    MODELS.mkdir(exist_ok=True)
    card, _ = read_bundle(bundle, MODELS / f".{bundle.name}.networks")
    digest = sha256(bundle)
    told = [f"{bundle}: SHA-256 {digest}", *_describe(card)]
    fitting, others = [], {}
    for name, experiment in params.experiments.items():
        if experiment.learned and experiment.initialise and experiment.finetune and experiment.repeats is None:
            own = params.of_experiment(name)
            wrong = differences(card, experiment.method, own.network, own.losses, own.image, own.nmfc)
            fitting += [] if wrong else [name]
            others |= {name: wrong} if wrong else {}
    if not fitting:
        nearest = min(others, key=lambda name: len(others[name]))
        raise UserError(
            f"{bundle} fits no experiment; {nearest} is nearest, but {'; '.join(others[nearest])}",
            "change params.yaml to the bundle's values, or ask for another bundle",
        )
    _compare_head_models(bundle, card, params)
    target = MODELS / f"{card.experiment}-{digest[:DIGITS]}{bundle.suffix}"
    told.append(f"It fits: {', '.join(fitting)}")
    if others:
        told += ["These cannot start from it; to train one here, give it `changes: {pretrain.imported: null}`:"]
        told += [f"  {name}: {'; '.join(wrong[:3])}" for name, wrong in others.items()]
    if dry_run:
        return [*told, "Nothing was written (--dry-run)."]
    if not target.exists():
        with replacing(target) as temporary:
            shutil.copyfile(bundle, temporary)
    name_in_params(target.as_posix())
    return [*told, f"params.yaml: pretrain.imported is {target}; `snakemake quickstart` fine-tunes from it."]


def name_in_params(value: str, path: Path = PARAMS) -> None:
    """Set pretrain.imported in params.yaml: one line changes, everything else stays as it is.

    Raises:
        UserError: the line is not where it should be; what to write is said.
    """
    text, wanted = path.read_text(encoding="utf-8"), read_yaml(path)
    wanted["pretrain"]["imported"] = value
    changed = re.sub(r"(?m)^  imported:(?: +[^\s#]+)?", lambda _: f"  imported: {value}", text, count=1)
    if yaml.load(changed, Loader) != wanted:
        raise UserError(
            f"{path}: the line `imported:` of the section pretrain is not where it should be",
            f"write `imported: {value}` there",
        )
    write_text(path, changed)


def _describe(card: Card) -> list[str]:
    people = card.people
    named = ", ".join(people.names[:10]) or "not named: see to it that your targets are not among them"
    here = sorted(set(people.names) & set(layout.find_people()[0]))
    return [
        f"  {card.method} at {card.image.size} px, by h2h {card.h2h}, trained on {people.count} people, {named}",
        f"  their clips: {'; '.join(f'{count} x {text}' for text, count in people.licences.items()) or 'not stated'}",
        f"  head model: {card.head_model.vertices} vertices; {card.head_model.licence}",
        *([f"  also here: {', '.join(here)}. Do not fine-tune it on them: they are no new people"] if here else []),
    ]


def _compare_head_models(bundle: Path, card: Card, params: Params) -> None:
    """Against the head model that is here; without one, the stage pretrain compares."""
    from h2h.bundles.mark import head_model_mark
    from h2h.tracking.head_model import load_head_model

    path = Path(layout.Layout(params.profile.work, params.profile.reports).artifact("head_model", "head_model"))
    wrong = head_model_differences(card.head_model, head_model_mark(load_head_model(path))) if path.exists() else []
    if wrong:
        raise UserError(
            f"{bundle} was trained on another head model: {'; '.join(wrong)}",
            "change head_model in params.yaml to the bundle's and run snakemake stage_head_model",
        )
