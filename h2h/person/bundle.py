"""A person as one file, `NAME.h2hperson`: written, and read as hostile input. No torch."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from safetensors import SafetensorError
from safetensors.numpy import load, save

from h2h.bundles.fit import head_model_differences
from h2h.bundles.mark import head_model_mark
from h2h.config import validate
from h2h.errors import UserError
from h2h.io.archive import Kind, read_description, read_member, write_archive
from h2h.models.int8_form import check_peaks
from h2h.person.arrays import REMEDY, from_arrays
from h2h.person.card import ARRAYS, NETWORK, PersonCard
from h2h.person.network import check_network, shapes_of
from h2h.person.person import Person
from h2h.tracking.head_model import HeadModel, load_head_model

SUFFIX = ".h2hperson"
KIND = Kind("person's bundle", (NETWORK, ARRAYS), REMEDY, "make it with `h2h export NAME`, or ask for it")
LONGEST = 1 << 30  # bytes of a member


def digests(model: bytes, arrays: dict[str, np.ndarray]) -> tuple[dict[str, int], dict[str, str]]:
    """Sizes and SHA-256 of the members, for the card."""
    contents = {NETWORK: model, ARRAYS: save(arrays)}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    return {name: len(content) for name, content in contents.items()}, sums


def write_person(path: Path, card: PersonCard, model: bytes, arrays: dict[str, np.ndarray]) -> None:
    """Write a bundle, atomically.

    Args:
        path: the file.
        card: its description.
        model: ONNX.
        arrays: from `to_arrays`.
    """
    write_archive(path, KIND, card.model_dump(), {NETWORK: model, ARRAYS: save(arrays)})


def read_person_card(path: Path) -> PersonCard:
    """A bundle's description alone.

    Raises:
        UserError: it is no bundle, or its description has an unknown key or a wrong value.
    """
    description = read_description(path, KIND)
    try:
        return validate(PersonCard, description, str(path))
    except UserError as error:
        raise UserError("".join(c for c in error.what if c.isprintable())[:1000], REMEDY) from error


def read_person(path: Path, head_model: Path) -> Person:
    """A person from a bundle, every part checked; nothing in it is run.

    Args:
        path: the bundle.
        head_model: where the head model lies here, for a bundle that must not bring it.

    Raises:
        UserError: anything in it is not what its description says, or the head model is not here.
    """
    card = read_person_card(path)
    contents = {}
    for name in KIND.members:
        content, digest = read_member(path, KIND, name, LONGEST)
        if digest != card.sha256[name]:  # type: ignore[index]
            raise UserError(f"{path} is damaged: {name} has another checksum than its description says", REMEDY)
        contents[name] = content
    try:
        arrays = load(contents[ARRAYS])
    except (SafetensorError, ValueError, KeyError) as error:
        raise UserError(f"{path}: {ARRAYS} cannot be read: {str(error)[:200]}", REMEDY) from error
    parameters, plate, inside = from_arrays(arrays, card, str(path))
    of = card.network
    try:
        check_network(
            contents[NETWORK],
            *shapes_of(card.image.size, 6 if of.gaze else 3, of.condition_frames, of.history_frames),
        )
        if card.peaks is not None:
            check_peaks(onnx.load_model_from_string(contents[NETWORK]), card.peaks)
    except ValueError as error:
        text = "".join(c for c in str(error) if c.isprintable())
        raise UserError(f"{path}: {NETWORK} is refused: {text[:500]}", REMEDY) from None
    model = inside if inside is not None else _local_head_model(head_model, card, path)
    return Person(card, model, parameters, plate, contents[NETWORK])


def _local_head_model(path: Path, card: PersonCard, bundle: Path) -> HeadModel:
    mark = card.head_model
    remedy = "set head_model in params.yaml to that model and run `snakemake stage_head_model`"
    if not path.exists():
        raise UserError(
            f"{bundle} needs a head model that may not be passed on ({mark.licence}), and there is none at {path}",
            remedy,
        )
    model = load_head_model(path)
    wrong = head_model_differences(mark, head_model_mark(model))
    if wrong:
        raise UserError(f"{bundle} needs another head model than {path} ({mark.licence}): {'; '.join(wrong)}", remedy)
    return model
