"""`h2h profile`: which parameters are in force. params.yaml always is, so that DVC and Snakemake agree.

The base profile, laptop, is a whole params.yaml; the others are overlays in `params/NAME.yaml`. While an overlay
is in force, params.yaml is the merged file, and the base waits in `params/laptop.yaml`. Each profile has its own
folders (`profile.work`, `profile.reports`) and its own dvc.lock, which waits in `params/NAME.dvc.lock`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from ruamel.yaml import YAML

from h2h.config import load_params, merge, read_overlay, read_yaml
from h2h.errors import UserError
from h2h.io.atomic import write_text

PARAMS, LOCK, FOLDER, BASE = Path("params.yaml"), Path("dvc.lock"), Path("params"), "laptop"


def profiles() -> list[str]:
    """The names of all profiles, the base first."""
    return [BASE, *sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != BASE)]


def current() -> str:
    """The name of the profile in force."""
    return load_params().profile.name


def values_of(name: str) -> dict[str, Any]:
    """All parameters of a profile, in force or not, as plain data.

    Raises:
        UserError: there is no such profile.
    """
    base = read_yaml(_base_file())
    return base if name == BASE else merge(base, read_overlay(_overlay(name)))


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Describe every value of `after` that differs from `before`, as `key: before -> after`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key), after.get(key), f"{place}.{key}" if place else str(key))
    elif before != after:
        yield f"{place}: {before!r} -> {after!r}"


def activate(name: str, discard: bool = False) -> None:
    """Put a profile in force.

    Args:
        name: the profile.
        discard: forget what was changed in params.yaml since its overlay was laid over it.

    Raises:
        UserError: there is no such profile, it does not make valid parameters, or changes would be lost.
    """
    was = current()
    if name == was:
        return
    merged = None if name == BASE else _merged_text(name)
    if was != BASE:
        changes = [] if discard else list(differences(values_of(was), read_yaml(PARAMS)))
        if changes:
            raise UserError(
                f"params.yaml was changed under the profile {was}: " + "; ".join(changes),
                f"write the changes into {FOLDER / was}.yaml or forget them with --discard",
            )
    _swap_lock(was, name)
    if was == BASE:
        FOLDER.mkdir(exist_ok=True)
        os.replace(PARAMS, FOLDER / f"{BASE}.yaml")
    if merged is None:
        os.replace(FOLDER / f"{BASE}.yaml", PARAMS)
    else:
        write_text(PARAMS, merged)


def _merged_text(name: str) -> str:
    """The base file with an overlay laid over it, comments kept, checked."""
    load_params(_base_file(), _overlay(name))  # says what is wrong before anything is written
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 120
    document = yaml.load(_base_file().read_text(encoding="utf-8"))
    overlay = yaml.load(_overlay(name).read_text(encoding="utf-8"))

    def lay_over(base: Any, over: Any) -> None:
        for key, value in (over or {}).items():
            if isinstance(value, dict) and isinstance(base.get(key), dict):
                lay_over(base[key], value)
            else:
                base[key] = value

    lay_over(document, overlay)
    document.yaml_set_start_comment(
        f"Profile {name}: params/{BASE}.yaml with params/{name}.yaml laid over it by `h2h profile use {name}`.\n"
        f"`h2h profile use {BASE}` brings params/{BASE}.yaml back here. What to keep belongs into params/{name}.yaml.\n"
    )
    import io

    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _base_file() -> Path:
    parked = FOLDER / f"{BASE}.yaml"
    return parked if parked.exists() else PARAMS


def _overlay(name: str) -> Path:
    path = FOLDER / f"{name}.yaml"
    if name not in profiles() or not path.exists():
        raise UserError(f"there is no profile {name}", f"choose one of {', '.join(profiles())}, or write {path}")
    return path


def _swap_lock(was: str, name: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for source, destination in ((LOCK, FOLDER / f"{was}.dvc.lock"), (FOLDER / f"{name}.dvc.lock", LOCK)):
        if source.exists():
            os.replace(source, destination)


@click.group()
def command() -> None:
    """List profiles and choose the one in force."""


@command.command("list")
def list_() -> None:
    """Name all profiles; a star marks the one in force."""
    for name in profiles():
        click.echo(f"{'*' if name == current() else ' '} {name}")


@command.command()
@click.argument("name", required=False)
def show(name: str | None) -> None:
    """Say what a profile changes in the base profile, and what was changed in params.yaml since."""
    name = name or current()
    for line in differences(read_yaml(_base_file()), values_of(name)):
        click.echo(line)
    if name == current() != BASE:
        for line in differences(values_of(name), read_yaml(PARAMS)):
            click.echo(f"changed in params.yaml: {line}")


@command.command()
@click.argument("name")
@click.option("--discard", is_flag=True, help="forget what was changed in params.yaml under the profile in force")
def use(name: str, discard: bool) -> None:
    """Put a profile in force: params.yaml becomes it, with its own artifacts and its own dvc.lock."""
    activate(name, discard)
    params = load_params()
    click.echo(f"{name}: artifacts in {params.profile.work}, results in {params.profile.reports}")
