"""What drives the network: NMFC image, gaze image and mouth position of every frame, from tracked parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from h2h.render.gaze import eye_fan, fan_centres, paint_eye
from h2h.render.nmfc import nmfc_colours, region_triangles
from h2h.render.nvdiffrast import best_rasteriser
from h2h.tracking.camera import project
from h2h.tracking.head_model import MOUTH, HeadModel
from h2h.tracking.rotation import quaternion_to_matrix


class Conditioning(NamedTuple):
    """One frame's (or, from `render_sequence`, T frames') conditional images.

    Attributes:
        nmfc: u8 (S, S, 3), eq. 3.
        gaze: u8 (S, S, 3).
        mouth: f32 (2,), mean of the projected mouth landmarks, crop fractions.
    """

    nmfc: np.ndarray
    gaze: np.ndarray
    mouth: np.ndarray


def iterate_sequence(
    model: HeadModel,
    identity: np.ndarray,
    expression: np.ndarray,
    scale: np.ndarray,
    rotation: np.ndarray,
    translation: np.ndarray,
    gaze: np.ndarray,
    size: int,
    region: str = "face",
    supersample: int = 1,
) -> Iterator[Conditioning]:
    """Render one frame after the other; arguments as in `render_sequence`."""
    skin = model.triangles[region_triangles(model, region)]
    fan = eye_fan(model)
    ring = fan.shape[0] // 2
    triangles = np.concatenate([skin, fan])
    colours = np.concatenate([nmfc_colours(model.mean, skin), np.zeros((len(fan), 3), np.uint8)])
    rasterise = best_rasteriser()
    neutral = model.neutral(identity)
    fine = size * supersample
    for s, r, q, t, g in zip(expression, scale, rotation, translation, gaze, strict=True):
        vertices = model.with_expression(neutral, s)
        vertices = np.concatenate([vertices, fan_centres(model, vertices)])
        seen = rasterise(project(vertices, r, q, t) * fine, triangles, fine, fine).triangle
        nmfc = np.zeros((fine, fine, 3), np.uint8)
        nmfc[seen >= 0] = colours[seen[seen >= 0]]
        eyes_image = np.zeros((fine, fine, 3), np.uint8)
        eyes, matrix = model.eyes(vertices), quaternion_to_matrix(q)
        for eye in (0, 1):
            first = len(skin) + eye * ring
            where = (seen >= first) & (seen < first + ring)
            paint_eye(eyes_image, where, eyes, eye, g[eye], float(r) * fine, matrix, np.asarray(t) * fine)
        mouth = project(model.landmarks(vertices)[MOUTH], r, q, t)[:, :2].mean(axis=0)
        yield Conditioning(shrink(nmfc, supersample), shrink(eyes_image, supersample), mouth.astype(np.float32))


def render_sequence(
    model: HeadModel,
    identity: np.ndarray,
    expression: np.ndarray,
    scale: np.ndarray,
    rotation: np.ndarray,
    translation: np.ndarray,
    gaze: np.ndarray,
    size: int,
    region: str = "face",
    supersample: int = 1,
) -> Conditioning:
    """Render a sequence at once.

    Args:
        model: the head model.
        identity: (n_i,), s_id.
        expression: (T, n_e), s_exp.
        scale: (T,), crop fractions a millimetre.
        rotation: (T, 4), quaternions.
        translation: (T, 2), crop fractions.
        gaze: (T, 2, 2), right and left eye's yaw and pitch, radians.
        size: S, px.
        region: "face" or "head".
        supersample: render at this times the size and average, so that an opening narrower than a pixel shows.

    Returns:
        `nmfc` u8 (T, S, S, 3), `gaze` u8 (T, S, S, 3), `mouth` f32 (T, 2).
    """
    frames = list(
        iterate_sequence(model, identity, expression, scale, rotation, translation, gaze, size, region, supersample)
    )
    return Conditioning(*(np.stack(parts) for parts in zip(*frames, strict=True)))


def shrink(image: np.ndarray, factor: int) -> np.ndarray:
    """u8 (factor S, factor S, 3) -> u8 (S, S, 3), each pixel the mean of factor x factor."""
    if factor == 1:
        return image
    size = len(image) // factor
    blocks = image.reshape(size, factor, size, factor, 3)
    return np.rint(blocks.mean(axis=(1, 3), dtype=np.float32)).astype(np.uint8)
