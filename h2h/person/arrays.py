"""The arrays of a person's bundle: head model, tracked parameters and background, by name."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from h2h.bundles.fit import head_model_differences
from h2h.bundles.mark import head_model_mark
from h2h.errors import UserError
from h2h.person.card import PersonCard
from h2h.render.hybrid import Parameters
from h2h.tracking.head_model import HeadModel, check_head_model
from h2h.tracking.parameters import check_parameters

PLATE, HEAD, TRACKING = "plate", "head/", "tracking/"
REMEDY = "ask for it again, or for one made by this version of h2h"
LARGEST = 1e5  # of any value: millimetres, crop fractions and radians are far below
_HEAD = {field.name for field in fields(HeadModel)} - {"licence"}
_PAIRS = ("eyelids", "eyeball", "iris", "pupil")  # of the right and the left eye
_WHOLE = ("triangles", "landmark_triangles", "contour", "dense_triangles", *_PAIRS)


def to_arrays(parameters: Parameters, plate: np.ndarray, head_model: HeadModel | None) -> dict[str, np.ndarray]:
    """The arrays by name; those that no licence allows are left out by giving no head model."""
    found = {f"{TRACKING}{key}": value.astype(np.float32) for key, value in vars(parameters).items()}
    found[PLATE] = plate
    if head_model is not None:
        found |= {f"{HEAD}{key}": getattr(head_model, key) for key in sorted(_HEAD)}
    return {key: np.ascontiguousarray(value) for key, value in found.items()}


def from_arrays(
    arrays: dict[str, np.ndarray], card: PersonCard, where: str
) -> tuple[Parameters, np.ndarray, HeadModel | None]:
    """Parameters, plate and, where the bundle brings it, the head model; all checked against the card.

    Raises:
        UserError: an array is missing, not wanted, of another shape or type, or holds impossible values.
    """
    keys = {field.name for field in fields(Parameters)}
    wanted = {PLATE, *(TRACKING + key for key in keys)}
    if card.head_model_inside:
        wanted |= {HEAD + key for key in _HEAD}
    if set(arrays) != wanted:
        odd = sorted(set(arrays) ^ wanted)
        raise UserError(f"{where} is damaged or was altered: {str(odd)[:200]} missing or not wanted", REMEDY)
    for name, value in arrays.items():
        kind = "uint8" if name in (PLATE, f"{HEAD}region") else "float32"
        kind = "int32" if name.removeprefix(HEAD) in _WHOLE else kind
        if value.dtype != kind:
            raise UserError(f"{where}: {name} is {value.dtype}, not {kind}", REMEDY)
        if kind == "float32" and not (np.abs(value) <= LARGEST).all():  # also refuses NaN
            raise UserError(f"{where}: {name} holds values that are not finite, or far too large", REMEDY)
    plate, size = arrays[PLATE], card.image.size
    if plate.shape != (size, size, 3):
        raise UserError(f"{where}: {PLATE} has the shape {plate.shape}, not {(size, size, 3)}", REMEDY)
    tracked = {key: arrays[TRACKING + key] for key in keys}
    if tracked["scale"].shape != (card.tracked_frames,):
        raise UserError(f"{where}: not {card.tracked_frames} tracked frames", REMEDY)
    check_parameters(tracked, card.head_model.identity, card.head_model.expression, where, REMEDY)
    model = _head_model(arrays, card, where) if card.head_model_inside else None
    return Parameters(**tracked), plate, model


def _head_model(arrays: dict[str, np.ndarray], card: PersonCard, where: str) -> HeadModel:
    parts = {key: arrays[HEAD + key] for key in _HEAD}
    for key, value in parts.items():
        dimensions = 3 if key.endswith("_basis") else 1 if key.endswith("_sigma") or key == "region" else 2
        if value.ndim != dimensions or (key in _PAIRS and len(value) != 2):
            raise UserError(f"{where}: {key} has the shape {value.shape}", REMEDY)
    model = HeadModel(**parts, licence=card.head_model.licence)
    check_head_model(model, where, REMEDY)
    if not all(getattr(model, key).size for key in ("mean", *_PAIRS)) or not (model.region == 1).any():
        raise UserError(f"{where}: the head model has no face or no eyes", REMEDY)
    # the bundle's head model lost the triangles inside the head, the mark is of the whole one
    outer = {"vertices": card.head_model.vertices, "triangles": card.head_model.triangles}
    wrong = head_model_differences(card.head_model, head_model_mark(model).model_copy(update=outer))
    if wrong:
        raise UserError(f"{where} is damaged or was altered: {'; '.join(wrong)}", REMEDY)
    return model
