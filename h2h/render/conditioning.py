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


class ConditioningRenderer:
    """Renders one frame at a time; arguments as in `render_sequence`."""

    def __init__(
        self, model: HeadModel, identity: np.ndarray, size: int, region: str = "face", supersample: int = 1
    ) -> None:
        self._model, self._size, self._supersample = model, size, supersample
        skin = model.triangles[region_triangles(model, region)]
        fan = eye_fan(model)
        self._skin, self._ring = len(skin), fan.shape[0] // 2
        self._triangles = np.concatenate([skin, fan])
        self._colours = np.concatenate([nmfc_colours(model.mean, skin), np.zeros((len(fan), 3), np.uint8)])
        self._rasterise = best_rasteriser()
        self._neutral = model.neutral(identity)

    def __call__(
        self, expression: np.ndarray, scale: float, rotation: np.ndarray, translation: np.ndarray, gaze: np.ndarray
    ) -> Conditioning:
        """Render a frame: (n_e,), crop fractions a millimetre, (4,), (2,) crop fractions, (2, 2) radians."""
        model, fine = self._model, self._size * self._supersample
        vertices = model.with_expression(self._neutral, expression)
        vertices = np.concatenate([vertices, fan_centres(model, vertices)])
        points = project(vertices, scale, rotation, translation) * fine
        seen = self._rasterise(points, self._triangles, fine, fine).triangle
        nmfc = np.zeros((fine, fine, 3), np.uint8)
        nmfc[seen >= 0] = self._colours[seen[seen >= 0]]
        eyes_image = np.zeros((fine, fine, 3), np.uint8)
        eyes, matrix = model.eyes(vertices), quaternion_to_matrix(rotation)
        place = np.asarray(translation) * fine
        for eye in (0, 1):
            first = self._skin + eye * self._ring
            where = (seen >= first) & (seen < first + self._ring)
            paint_eye(eyes_image, where, eyes, eye, gaze[eye], float(scale) * fine, matrix, place)
        mouth = project(model.landmarks(vertices)[MOUTH], scale, rotation, translation)[:, :2].mean(axis=0)
        return Conditioning(
            shrink(nmfc, self._supersample), shrink(eyes_image, self._supersample), mouth.astype(np.float32)
        )


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
    render = ConditioningRenderer(model, identity, size, region, supersample)
    for moving in zip(expression, scale, rotation, translation, gaze, strict=True):
        yield render(*moving)


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
    sums = np.zeros((len(image) // factor, image.shape[1] // factor, 3), np.uint16)
    for y in range(factor):
        for x in range(factor):
            sums += image[y::factor, x::factor]
    levels = np.arange(255 * factor**2 + 1) / factor**2
    return np.rint(levels).astype(np.uint8)[sums]
