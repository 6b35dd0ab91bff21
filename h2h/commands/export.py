"""`h2h export`: a person, or the multi-person initialisation, as one file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from h2h import __version__, layout
from h2h.config import Params, load_params, validate
from h2h.errors import UserError

SUFFIX, PERSON_SUFFIX = ".h2hinit", ".h2hperson"


@click.command()
@click.argument("target", required=False)
@click.option("--init", is_flag=True, help="the multi-person initialisation instead of a person")
@click.option("--experiment", default="ours", show_default=True, help="entry of experiments in params.yaml")
@click.option(
    "--fold", default="default", show_default=True, help="whose multi-person network: one of identities.folds"
)
@click.option("--people", is_flag=True, help="--init: put the people's names and their rows of W in, too")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help=f"the file [default: TARGET{PERSON_SUFFIX}, EXPERIMENT{SUFFIX}]",
)
def command(target: str | None, init: bool, experiment: str, fold: str, people: bool, output: Path | None) -> None:
    """Pack a fine-tuned person, or the multi-person initialisation, into one file.

    \b
    h2h export franck                        a person, for `h2h reenact` and `h2h live` anywhere, without torch
    h2h import franck.h2hperson              there
    h2h export --init -o ours.h2hinit        the initialisation, so that somebody else only fine-tunes
    h2h import ours.h2hinit                  there; then `snakemake quickstart` fine-tunes only

    Both files are zips, not compressed. A person's has generator.onnx, person.safetensors (tracked parameters,
    background and, if its licence is open, the head model) and card.json: sizes, speeds measured here, the difference
    from torch, licence and consent of the person's videos. Share it only if these allow it.

    An initialisation has networks.safetensors and card.json: the parameters of all networks, the
    sections of params.yaml that they were trained with, what the head model is known by, checksums, and under which
    licences how many people's clips were. Names and the people's rows w_i of W stay out (fine-tuning replaces the rows
    by the new person's) unless --people asks for them. The weights still were learned from these people: share them
    only if their licences and consent allow it.
    """
    if init == (target is not None):
        raise UserError("say what to export, one thing", "`h2h export NAME` or `h2h export --init`")
    if people and not init:
        raise UserError("--people is about an initialisation", "leave it out, or `h2h export --init --people`")
    suffix = SUFFIX if init else PERSON_SUFFIX
    file = output or Path(f"{target or experiment}{suffix}")
    if file.suffix != suffix:
        raise UserError(f"{file} does not end in {suffix}", "`h2h import` knows bundles by it")
    params = load_params()
    lines = export_init(params, experiment, fold, people, file) if init else _person(params, experiment, target, file)
    for line in lines:
        click.echo(line)


def _person(params: Params, experiment: str, name: str | None, output: Path) -> list[str]:
    from h2h.person.describe import describe
    from h2h.person.export import export_person

    assert name is not None
    return describe(export_person(params, experiment, name, output).card, output)


def export_init(params: Params, experiment: str, fold: str, named: bool, output: Path) -> list[str]:
    """Write the bundle and read it back; returns what to tell.

    Raises:
        UserError: there is no such network, it was imported itself, or it was trained by an older version.
    """
    from h2h.bundles.card import FORMAT, NETWORKS, Card
    from h2h.bundles.tensors import without_rows
    from h2h.io.bundle import write_bundle
    from h2h.io.cards import sha256
    from h2h.io.checkpoint import load_checkpoint, save_checkpoint
    from h2h.stages.imported import read_bundle

    network, summary = _trained(params, experiment, fold)
    state, description = load_checkpoint(network)
    made_with, people = summary["made_with"], description["people"]
    settings = {
        "network": {**description["network"], "embedder_weights": ""},
        "losses": {**made_with["losses"], "vgg_weights": ""},
        **{key: made_with[key] for key in ("image", "nmfc", "pretrain", "seed", "head_model")},
    }
    about = _about(people, named)
    scratch = output.with_name(f".{output.name}.networks")
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        save_checkpoint(scratch, state if named or "rows" not in state.get("image", {}) else without_rows(state), {})
        card = {
            "format": FORMAT,
            "h2h": __version__,
            "experiment": experiment,
            "fold": fold,
            "method": description["method"],
            **settings,
            "pretrained_embedder": description["pretrained_embedder"],
            "stored": "float32",
            "training": {key: summary[key] for key in ("precision", "clips", "steps", "curves")},
            "people": about,
            "sha256": {NETWORKS: sha256(scratch)},
        }
        write_bundle(output, validate(Card, card, str(output)).model_dump(), scratch)
    finally:
        scratch.unlink(missing_ok=True)
    read_bundle(output, scratch)
    licences = "; ".join(f"{count} x {licence}" for licence, count in about["licences"].items())
    return [
        f"{output}: {output.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(output)}",
        f"  {description['method']} at {description['size']} px, trained on {len(people)} people"
        + (f": {', '.join(people)}" if named else ", not named"),
        f"  their clips: {licences}; {about['consented']} with a note of their consent",
        "Share it only if this allows it: the weights were learned from these people.",
    ]


def _trained(params: Params, experiment: str, fold: str) -> tuple[Path, dict[str, Any]]:
    """The checkpoint and its card's summary."""
    from h2h.io.cards import is_rejected, read_card, sha256

    if experiment not in params.experiments or fold not in params.identities.folds:
        raise UserError(f"params.yaml has no experiment {experiment} or no fold {fold}", "name others")
    paths = layout.Layout(params.profile.work, params.profile.reports)
    network = f"{layout.trunk(params, experiment)}.{fold}"
    path, again = Path(paths.artifact("pretrain", network)), f"run `snakemake {paths.card('pretrain', network)}`"
    if not path.exists() or is_rejected(path):
        raise UserError(f"there is no multi-person network {path}", again)
    card = read_card(path)
    summary = card["summary"]
    if "imported" in summary:
        raise UserError(f"{path} is an imported network", f"pass on the bundle itself: {params.imported(experiment)}")
    if summary.get("made_with", {}).get("head_model") is None:
        raise UserError(f"{path} does not say what it was trained with: it is older than this version", again)
    if sha256(path) != card["sha256"]:
        raise UserError(f"{path} is damaged: it has another checksum than its card says", f"remove it and {again}")
    return path, summary


def _about(people: list[str], named: bool) -> dict[str, Any]:
    """The card's section `people`, from their identity.yaml."""
    files = [layout.identity_file(name) for name in people]
    credits = sorted({file.credit for file in files if file.credit}) if named else []
    return {
        "count": len(people),
        "names": people if named else [],
        "licences": dict(sorted(Counter(file.licence or "not stated" for file in files).items())),
        "consented": sum(file.consent is not None and not file.consent.startswith("none") for file in files),
        "credits": credits,
    }
