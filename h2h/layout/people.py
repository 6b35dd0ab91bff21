"""Who is who: the people in `data/identities`, their roles and folds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from h2h.config import Params
from h2h.config.base import check_name
from h2h.config.experiments import REENACTING
from h2h.config.preprocessing import Role
from h2h.errors import UserError
from h2h.io.person_folder import PEOPLE, identity_file

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".avi", ".mkv", ".m4v")  # as in h2h.io.video, which is slow to import


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


def _initialised(params: Params) -> bool:
    rows = {row for table in params.tables.values() for row in table.experiments}
    rows |= set(params.identities.quickstart.methods)
    rows |= {REENACTING} if params.identities.reenactments else set()
    tuned = {row: params.experiments[row] for row in rows if params.experiments[row].finetune}
    return any(e.learned and e.initialise and params.imported(row) is None for row, e in tuned.items())
