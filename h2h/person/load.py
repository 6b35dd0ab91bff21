"""Find a person by name: a bundle's file, an imported bundle, or a fine-tuned person of the project."""

from __future__ import annotations

from pathlib import Path

from h2h import layout
from h2h.config import Params, load_params
from h2h.config.base import check_name
from h2h.config.experiments import REENACTING
from h2h.errors import UserError
from h2h.io.cards import is_rejected, read_card
from h2h.person.about import about
from h2h.person.bundle import SUFFIX, read_person, read_person_card
from h2h.person.card import PersonCard
from h2h.person.person import Person

IMPORTED = Path("people")  # where `h2h import` puts bundles
PARAMS = Path("params.yaml")


def load_person(target: str) -> Person:
    """See `Person.load`."""
    path, params, head_model = Path(target), _params(), head_model_here()
    if path.suffix == SUFFIX or path.is_file():
        return read_person(path, head_model)
    imported = IMPORTED / f"{_checked(target)}{SUFFIX}"
    if imported.exists():
        return read_person(imported, head_model)
    if params is None:
        raise _unknown(target, params)
    return read_person(exported(params, target), head_model)


def head_model_here() -> Path:
    """Where the project's head model lies, for bundles that must not bring theirs."""
    params = _params()
    work = "work" if params is None else params.profile.work
    return Path(layout.Layout(work, "").artifact("head_model", "head_model"))


def exported(params: Params, name: str, videos: Path | None = None) -> Path:
    """The bundle of a fine-tuned person of the project, made now unless nothing changed that it is made from.

    Args:
        params: of the project, or of a new person's own folder of artifacts.
        name: of the person.
        videos: the person's folder; None: in `data/identities`.

    Raises:
        UserError: the person is not trained.
    """
    paths = _paths(params)
    checkpoint = Path(paths.artifact("finetune", f"{REENACTING}.{name}"))
    if not checkpoint.exists() or is_rejected(checkpoint):
        raise _unknown(name, params)
    videos = videos or layout.PEOPLE / name
    path = Path(params.profile.work) / "person" / f"{name}{SUFFIX}"
    sources = {
        "network": checkpoint,
        "cache": Path(paths.artifact("cache", name)),
        "head_model": Path(paths.artifact("head_model", "head_model")),
    }
    if path.exists():
        try:
            card = read_person_card(path)
        except UserError:  # of another version of h2h
            card = None
        if card is not None and _is_present(card, params, sources, videos):
            return path
    from h2h.person.export import export_person

    export_person(params, REENACTING, name, path, videos)
    return path


def _is_present(card: PersonCard, params: Params, sources: dict[str, Path], videos: Path) -> bool:
    """Whether a bundle is what an export would make now."""
    own = params.of_experiment(REENACTING)
    settings = (card.frames, card.tracking, card.synthesize) == (own.frames, own.tracking, own.synthesize)
    made_from = {key: _sha256(at) for key, at in sources.items()}
    whole = card.peaks is not None  # and not of a version that knew no 8-bit form
    said = card.about.model_dump() == about(videos)  # films say it: a consent may have been withdrawn
    return settings and whole and said and card.made_from.model_dump() == made_from


def _sha256(artifact: Path) -> str | None:
    """What an artifact's card says; nothing if it was rejected or there is no card."""
    try:
        return read_card(artifact).get("sha256")
    except FileNotFoundError:
        return None


def people(params: Params | None) -> list[str]:
    """Everybody who can be named: imported, and fine-tuned here."""
    found = {path.stem for path in IMPORTED.glob(f"*{SUFFIX}") if not path.name.startswith(".")}  # not half copied
    if params is not None:
        folder = Path(params.profile.work) / "finetune"
        found |= {path.stem.removeprefix(f"{REENACTING}.") for path in folder.glob(f"{REENACTING}.*.safetensors")}
    return sorted(found)


def _params() -> Params | None:
    return load_params() if PARAMS.exists() else None


def _paths(params: Params) -> layout.Layout:
    return layout.Layout(params.profile.work, params.profile.reports)


def _checked(name: str) -> str:
    try:
        return check_name(name)
    except ValueError:
        raise UserError(f"{name[:200]!r} is neither a file nor a person", f"name a person or a {SUFFIX} file") from None


def _unknown(name: str, params: Params | None) -> UserError:
    there = ", ".join(people(params)) or "nobody yet"
    if params is None:
        return UserError(
            f"there is no person {name} here (there are: {there}), and no {PARAMS}",
            f"run this in the project's folder, or name a {SUFFIX} file",
        )
    if (layout.PEOPLE / name).is_dir():
        try:
            role = layout.cast(params).roles.get(name)
        except UserError:  # Snakemake says what is wrong
            role = None
        if role in ("train", "source"):
            return UserError(
                f"{name} has the role {role}, so that no network draws {name} (trained are: {there})",
                f"name somebody else, or give {name} the role target",
            )
        card = _paths(params).card("finetune", f"{REENACTING}.{name}")
        return UserError(f"{name} is not trained (trained are: {there})", f"run `snakemake {card}`")
    return UserError(
        f"there is no person {name} (trained or imported are: {there})",
        f"put videos into {layout.PEOPLE / name}/ and run `snakemake all`, or `h2h import` a {SUFFIX} file",
    )
