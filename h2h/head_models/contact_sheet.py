"""Pictures of a head model for people: mean, modes, expressions, with landmarks and lids drawn in."""

from __future__ import annotations

import numpy as np

from h2h.head_models.detected_points import SIZE, shaded, to_pixels
from h2h.tracking.head_model import FACE, HeadModel

SIGMAS = 2.0
POINT, LID = np.array([30, 90, 255], np.uint8), np.array([255, 220, 0], np.uint8)
TURN = np.deg2rad(35.0)


def contact_sheet(model: HeadModel, modes: int) -> dict[str, list[np.ndarray]]:
    """Rows of pictures, u8 (SIZE, SIZE, 3), by name.

    Args:
        model: the head model.
        modes: components shown of each kind.
    """
    zero_i, zero_e = np.zeros(len(model.identity_sigma)), np.zeros(len(model.expression_sigma))
    rows = {"mean": [_picture(model, model.mean, turn) for turn in (-TURN, 0.0, TURN)]}
    rows["mean"] += [_picture(model, model.mean, 0.0, marked=True)]
    for title, sign in (("-2 sigma", -SIGMAS), ("+2 sigma", SIGMAS)):
        for kind, sigma in (("identity", model.identity_sigma), ("expression", model.expression_sigma)):
            pictures = []
            for i in range(min(modes, len(sigma))):
                values = np.eye(len(sigma))[i] * sign * sigma
                shape = model.shape(values, zero_e) if kind == "identity" else model.shape(zero_i, values)
                pictures.append(_picture(model, shape, 0.0))
            rows[f"{kind} {title}"] = pictures
    return dict(sorted(rows.items(), key=lambda row: (row[0] != "mean", row[0].split()[0] == "expression")))


def _picture(model: HeadModel, shape: np.ndarray, turn: float, marked: bool = False) -> np.ndarray:
    matrix = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    turned = shape @ matrix.T
    face = (model.mean @ matrix.T)[np.unique(model.triangles[model.region == FACE])]
    image, _ = shaded(turned, model.triangles, SIZE, face)
    if marked:
        for points, colour in ((turned[model.eyelids].reshape(-1, 3), LID), (model.landmarks(turned), POINT)):
            places = np.clip(to_pixels(face, points, SIZE)[:, :2].astype(int), 2, SIZE - 3)
            for x, y in places:
                image[y - 2 : y + 3, x - 2 : x + 3] = colour
    return image
