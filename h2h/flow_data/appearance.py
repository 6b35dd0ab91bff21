"""The colours of a synthetic subject at any place of the head: skin, hair, eyes, teeth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from h2h.flow_data.face_paint import FacePaint, draw_face_paint, look_up
from h2h.flow_data.noise import FractalNoise, smoothstep
from h2h.tracking.head_model import FACE, INTERNAL, HeadModel

SKIN, EYE, TEETH, INSIDE = 0, 1, 2, 3  # what a triangle is made of
# reflectances (linear RGB) between which a person's are drawn
TONES = np.array([[0.86, 0.60, 0.46], [0.72, 0.44, 0.31], [0.52, 0.28, 0.16], [0.24, 0.12, 0.07], [0.10, 0.05, 0.03]])
HAIRS = np.array([[0.010, 0.008, 0.007], [0.05, 0.025, 0.012], [0.18, 0.07, 0.03], [0.50, 0.33, 0.15], [0.4, 0.4, 0.4]])
IRISES = np.array([[0.05, 0.025, 0.01], [0.16, 0.10, 0.03], [0.12, 0.20, 0.08], [0.10, 0.22, 0.42], [0.25, 0.3, 0.32]])
LIP, BLOOD = np.array([0.45, 0.10, 0.10]), np.array([0.16, 0.02, 0.02])
SCLERA, TOOTH = np.array([0.72, 0.68, 0.64]), np.array([0.70, 0.64, 0.52])
# the hairline on the mean head, mm: up on the forehead, falling towards the nape
HAIRLINE, FRONT, FALL = -72.0, -35.0, 0.95


@dataclass(frozen=True)
class Appearance:
    """A subject's looks; draw them with `draw_appearance`.

    Attributes:
        tone, hair, iris, lip: linear RGB (3,).
        hairline: mm above (negative: below) the usual; a large number is bald.
        beard: strength of the beard, 0 to 1.
        mottle: strength of the skin's unevenness.
        paint: maps of brows, lips, beard, lashes, freckles.
        fields: noise for skin, redness, hair.
        material: (M,), SKIN, EYE, TEETH or INSIDE.
        eyes: (2, 3), eyeball centres on the mean head.
        iris_angle, pupil_angle: seen from there, radians.
    """

    tone: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    lip: np.ndarray
    hairline: float
    beard: float
    mottle: float
    paint: FacePaint
    fields: tuple[FractalNoise, FractalNoise, FractalNoise]
    material: np.ndarray
    eyes: np.ndarray
    iris_angle: float
    pupil_angle: float

    def albedo(self, points: np.ndarray, triangle: np.ndarray) -> np.ndarray:
        """Linear RGB (P, 3) at points of the mean head (P, 3) that lie on triangles (P,)."""
        colours = np.empty((len(points), 3), np.float32)
        material = self.material[triangle]
        for kind, paint in ((SKIN, self._skin), (EYE, self._eye), (TEETH, self._teeth), (INSIDE, self._inside)):
            colours[material == kind] = paint(points[material == kind])
        return np.clip(colours, 0.002, 1)

    def _skin(self, points: np.ndarray) -> np.ndarray:
        uneven, red, strands = self.fields
        rough = uneven(points, 24.0)
        colour = self.tone * (1 + self.mottle * rough)[:, None]
        colour = colour * (1 + 0.35 * self.mottle * red(points, 45.0)[:, None] * (1.0, -1.0, -1.0))
        front = points[:, 2] < 20  # the maps show the face: they do not go through to the back of the head
        paint = [np.where(front, look_up(part, points), 0)[:, None] for part in self.paint]
        brows, lips, beard, lashes, freckles = paint
        streak = strands(points, (6.0, 40.0, 6.0))[:, None]
        hair = self.hair * np.exp(0.9 * streak)
        colour = _mix(colour, self.lip * (1 + 0.3 * rough[:, None]), 0.75 * lips)
        colour = _mix(colour, 0.35 * colour, freckles)
        colour = _mix(colour, hair, self.beard * beard * np.clip(0.8 + 1.2 * rough[:, None], 0, 1))
        colour = _mix(colour, hair, np.clip(brows * (0.9 + 0.4 * streak), 0, 1))
        colour = _mix(colour, 0.15 * self.hair, 0.8 * lashes)
        return _mix(colour, hair, self._hairy(points, rough)[:, None])

    def _hairy(self, points: np.ndarray, rough: np.ndarray) -> np.ndarray:
        x, y, z = points.T
        below = y - (HAIRLINE - self.hairline + FALL * np.maximum(z - FRONT, 0)) + 5 * rough
        ear = (np.abs(x) > 70) & (np.abs(z - 38) < 26) & (y > -32)
        return np.where(ear, 0, smoothstep(below, 4.0, -4.0))

    def _eye(self, points: np.ndarray) -> np.ndarray:
        side = (points[:, 0] > 0).astype(int)
        offset = points - self.eyes[side]
        angle = np.arccos(np.clip(-offset[:, 2] / np.linalg.norm(offset, axis=1), -1, 1))
        around = np.arctan2(offset[:, 1], offset[:, 0])
        fibres = 1 + 0.35 * np.sin(23 * around + 3 * np.sin(5 * around))
        rim = smoothstep(angle, 1.05 * self.iris_angle, 0.8 * self.iris_angle)[:, None]
        iris = self.iris * (fibres[:, None] * (0.25 + 0.75 * rim))
        colour = _mix(SCLERA, iris, smoothstep(angle, 1.08 * self.iris_angle, 0.98 * self.iris_angle)[:, None])
        pupil = smoothstep(angle, 1.1 * self.pupil_angle, 0.9 * self.pupil_angle)[:, None]
        return _mix(colour, np.full(3, 0.004), pupil)

    def _teeth(self, points: np.ndarray) -> np.ndarray:
        gaps = smoothstep(np.abs((points[:, :1] / 7.5) % 1 - 0.5), 0.47, 0.5)
        return TOOTH * (1 - 0.5 * gaps)

    def _inside(self, points: np.ndarray) -> np.ndarray:
        return BLOOD * (1 + 0.6 * self.fields[0](points, 12.0)[:, None])


def draw_appearance(model: HeadModel, rng: np.random.Generator) -> Appearance:
    """Draw a person's looks."""
    eyes = model.eyes(model.mean.astype(np.float64))
    tone = _between(TONES, rng.random())
    reach = np.hypot(eyes.iris_distance, eyes.iris_radius)
    return Appearance(
        tone=tone,
        hair=_between(HAIRS, rng.random()),
        iris=_between(IRISES, rng.random()),
        lip=_mix(tone, LIP, rng.uniform(0.2, 0.8)),
        hairline=float(rng.choice([rng.normal(0, 8), 60.0], p=[0.9, 0.1])),
        beard=float(rng.choice([0.0, rng.uniform(0.1, 0.8)])),
        mottle=float(rng.uniform(0.06, 0.25)),
        paint=draw_face_paint(model, rng),
        fields=tuple(FractalNoise(rng, octaves) for octaves in (5, 3, 4)),
        material=materials(model),
        eyes=eyes.centre,
        iris_angle=float(np.arcsin(eyes.iris_radius / reach).mean()),
        pupil_angle=float(np.arcsin(eyes.pupil_radius / reach).mean() * rng.uniform(0.8, 1.3)),
    )


def materials(model: HeadModel) -> np.ndarray:
    """What each triangle is made of, (M,).

    Inner parts that hang together with nothing else are eyeballs, teeth and the tongue, which reaches farthest back;
    the rest of the inside is sockets and the mouth's cavity.
    """
    count = len(model.mean)
    a, b, c = model.triangles.T
    graph = coo_matrix((np.ones(2 * len(a), np.int8), (np.r_[a, b], np.r_[b, c])), shape=(count, count))
    part = connected_components(graph, directed=False)[1]
    kind = np.where(model.region == INTERNAL, INSIDE, SKIN)
    skin_parts = np.unique(part[a[model.region == FACE]])
    loose = [p for p in np.unique(part[a]) if p not in skin_parts and p not in part[model.eyeball]]
    if loose:
        tongue = max(loose, key=lambda p: model.mean[part == p, 2].max())
        kind[np.isin(part[a], [p for p in loose if p != tongue])] = TEETH
    kind[np.isin(part[a], part[model.eyeball])] = EYE
    return kind


def _mix(low: np.ndarray, high: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    return low + share * (high - low)


def _between(rows: np.ndarray, place: float) -> np.ndarray:
    """A colour between neighbouring rows; `place` from 0 to 1."""
    at = place * (len(rows) - 1)
    return np.array([np.interp(at, np.arange(len(rows)), column) for column in rows.T])
