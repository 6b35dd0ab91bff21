"""Fit the head model to a whole video (eq. 2): cameras, then shapes with the cameras held, in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.tracking.gaze import fit_gaze, opening
from h2h.tracking.head_model import JAW, LEFT_EYE, OUTER_EYE_CORNERS, RIGHT_EYE, HeadModel
from h2h.tracking.landmark_basis import Contour, PointModel, landmark_model
from h2h.tracking.rotation import interpolate_quaternions
from h2h.tracking.sop import Cameras, fit_cameras
from h2h.tracking.video_least_squares import DataTerm, Weights, solve_video

JAW_WEIGHT = 0.15  # of squared errors, over the inner points' 1: the outline is the least certain
# distances between opposite lid and lip points; the fit of single points alone leaves blinks and speech too small
OPENINGS = ((37, 41), (38, 40), (43, 47), (44, 46), (61, 67), (62, 66), (63, 65))
OPENING_WEIGHT = 4.0
CLOSED = 0.1  # height over width below which an iris is not believed


@dataclass(frozen=True)
class VideoFit:
    """Parameters of T frames; units as in `docs/artifacts.md`.

    Attributes:
        identity: f32 (n_i,), mm.
        expression: f32 (T, n_e), mm.
        scale: f32 (T,).
        rotation: f32 (T, 4).
        translation: f32 (T, 2).
        gaze: f32 (T, 2, 2).
        residual: f32 (T,), landmark RMS over the distance between the outer eye corners.
        tracked: bool (T,).
    """

    identity: np.ndarray
    expression: np.ndarray
    scale: np.ndarray
    rotation: np.ndarray
    translation: np.ndarray
    gaze: np.ndarray
    residual: np.ndarray
    tracked: np.ndarray


def fit_video(
    model: HeadModel,
    landmarks: np.ndarray,
    iris: np.ndarray,
    confidence: np.ndarray,
    segment: np.ndarray,
    weights: Weights,
    alternations: int,
    contour: bool,
    max_residual: float,
) -> VideoFit:
    """Fit one identity, and cameras, expressions and gaze of all frames.

    Args:
        model: the head model.
        landmarks: (T, 68, 2), crop fractions.
        iris: (T, 2, 5, 2), right and left: centre and rim; NaN where not detected.
        confidence: (T,), 0 where there is no face.
        segment: (T,).
        weights: of eq. 2.
        alternations: rounds of camera and shape estimation.
        contour: fit the jaw line too.
        max_residual: frames above it do not count as tracked, and their parameters are interpolated.
    """
    points, sliding = landmark_model(model), Contour(model) if contour else None
    point_weights = np.ones(68)
    point_weights[JAW] = JAW_WEIGHT if contour else 0.0
    seen = np.asarray(landmarks, np.float64)
    good = (confidence > 0) & np.isfinite(seen).all(axis=(1, 2))
    if not good.any():
        raise ValueError("no frame has landmarks")
    seen = np.where(good[:, None, None], seen, seen[good][0])

    chosen = [points] * len(seen)  # per frame: the points' model with its jaw line in place
    z_id, z_exp = np.zeros(points.identity.shape[-1]), np.zeros((len(seen), points.expression.shape[-1]))
    shapes = np.broadcast_to(points.mean, (len(seen), 68, 3))
    residual = np.zeros(len(seen))
    for _ in range(alternations):
        cameras = fit_cameras(shapes, seen, point_weights)
        residual = landmark_residual(shapes, cameras, seen, point_weights)
        good = good & (residual <= max_residual)
        if not good.any():
            break
        if sliding is not None:
            chosen = _slide(sliding, points, z_id, z_exp, cameras, seen)
        z_id, z_exp = _fit_shapes(chosen, cameras, seen, good, point_weights, segment, weights)
        shapes = np.stack([_shape(p, z_id, z) for p, z in zip(chosen, z_exp, strict=True)])
    if good.any():
        cameras = fit_cameras(shapes, seen, point_weights)
        residual = landmark_residual(shapes, cameras, seen, point_weights)
        good = good & (residual <= max_residual)

    identity = (z_id * model.identity_sigma).astype(np.float32)
    expression = interpolate_rows(z_exp * model.expression_sigma, good).astype(np.float32)
    cameras = Cameras(
        interpolate_rows(cameras.scale[:, None], good)[:, 0],
        interpolate_quaternions(cameras.rotation, good),
        interpolate_rows(cameras.translation, good),
    )
    gaze = _fit_eyes(model, identity, expression, cameras, seen, np.asarray(iris, np.float64), good)
    return VideoFit(
        identity,
        expression,
        cameras.scale.astype(np.float32),
        cameras.rotation.astype(np.float32),
        cameras.translation.astype(np.float32),
        gaze.astype(np.float32),
        residual.astype(np.float32),
        good,
    )


def landmark_residual(shapes: np.ndarray, cameras: Cameras, seen: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted RMS of the landmarks' errors over the distance of the outer eye corners in 3D, (T,)."""
    projected = _in_plane(shapes, cameras.matrix)
    error = ((projected - _to_millimetres(seen, cameras)) ** 2).sum(axis=-1)
    right, left = OUTER_EYE_CORNERS
    between = np.linalg.norm(shapes[:, right] - shapes[:, left], axis=-1)
    return np.sqrt((error * weights).sum(axis=1) / weights.sum()) / between


def interpolate_rows(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Replace unknown rows of (T, D) by linear interpolation between the known ones; ends are repeated."""
    good = np.flatnonzero(known)
    if len(good) in (0, len(values)):
        return values
    frames = np.arange(len(values))
    return np.stack([np.interp(frames, good, column[good]) for column in values.T], axis=1)


def _shape(points: PointModel, z_id: np.ndarray, z_exp: np.ndarray) -> np.ndarray:
    return points.mean + points.identity @ z_id + points.expression @ z_exp


def _in_plane(shapes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return (shapes @ np.swapaxes(matrix, 1, 2))[..., :2]


def _to_millimetres(seen: np.ndarray, cameras: Cameras) -> np.ndarray:
    return (seen - cameras.translation[:, None]) / cameras.scale[:, None, None]


def _slide(
    sliding: Contour, points: PointModel, z_id: np.ndarray, z_exp: np.ndarray, cameras: Cameras, seen: np.ndarray
) -> list[PointModel]:
    """Each frame's landmarks, the jaw line's replaced by the vertices that show it."""
    jaw, matrix, plane = sliding.model, cameras.matrix, _to_millimetres(seen, cameras)
    neutral = jaw.mean + jaw.identity @ z_id
    chosen = []
    for t in range(len(seen)):
        shape = (neutral + jaw.expression @ z_exp[t]).reshape(*sliding.candidates.shape, 3)
        outline = jaw.take(sliding.choose(shape, matrix[t], plane[t, JAW]))
        parts = (
            np.concatenate([getattr(outline, key), getattr(points, key)[JAW.stop :]])
            for key in ("mean", "identity", "expression")
        )
        chosen.append(PointModel(*parts))
    return chosen


def _fit_shapes(
    chosen: list[PointModel],
    cameras: Cameras,
    seen: np.ndarray,
    good: np.ndarray,
    point_weights: np.ndarray,
    segment: np.ndarray,
    weights: Weights,
) -> tuple[np.ndarray, np.ndarray]:
    """Assemble and solve eq. 2 with the cameras held; frames that are not good have no data term."""
    plane, matrix = _to_millimetres(seen, cameras), cameras.matrix
    first, second = (np.array(column) for column in zip(*OPENINGS, strict=True))
    root, opening_root = np.sqrt(point_weights)[:, None], np.sqrt(OPENING_WEIGHT)

    def equations(values: np.ndarray) -> np.ndarray:
        """(68, 2, k) -> the weighted points' rows, then the openings'."""
        parts = root[..., None] * values, opening_root * (values[first] - values[second])
        return np.concatenate(parts).reshape(-1, values.shape[-1])

    _, _, n_i = chosen[0].identity.shape
    n_e = chosen[0].expression.shape[-1]
    data = DataTerm(n_i, n_e)
    for t, points in enumerate(chosen):
        if not good[t]:
            data.add(np.zeros((0, n_e)), np.zeros((0, n_i)), np.zeros(0))
            continue
        turn = matrix[t, :2]
        right = plane[t] - points.mean @ turn.T
        data.add(
            equations(np.matmul(turn, points.expression)),
            equations(np.matmul(turn, points.identity)),
            equations(right[..., None])[:, 0],
        )
    return solve_video(data, segment, weights)


def _fit_eyes(
    model: HeadModel,
    identity: np.ndarray,
    expression: np.ndarray,
    cameras: Cameras,
    seen: np.ndarray,
    iris: np.ndarray,
    good: np.ndarray,
) -> np.ndarray:
    """Gaze (T, 2, 2), interpolated where the eye is closed or the frame is not tracked.

    The iris is placed relative to the lids: the detected lids may miss the fitted ones by a pixel or two, which would
    turn the eyeball by several degrees.
    """
    eyes = [model.eyes(model.shape(identity, z)) for z in expression]
    centre, distance = np.stack([e.centre for e in eyes]), np.stack([e.iris_distance for e in eyes])
    points = np.stack([model.landmarks(model.shape(identity, z)) for z in expression])
    fitted = _in_plane(points, cameras.matrix) * cameras.scale[:, None, None] + cameras.translation[:, None]
    gaze = np.zeros((len(seen), 2, 2))
    for eye, lids in enumerate((RIGHT_EYE, LEFT_EYE)):
        corners = [lids.start, lids.start + 3]
        shift = fitted[:, corners].mean(axis=1) - seen[:, corners].mean(axis=1)
        usable = good & (opening(seen[:, lids]) > CLOSED) & np.isfinite(iris[:, eye, 0]).all(axis=-1)
        place = np.where(usable[:, None], iris[:, eye, 0] + shift, 0.0)
        angles = fit_gaze(
            np.stack([place, place], axis=1), centre, distance, cameras.scale, cameras.rotation, cameras.translation
        )
        gaze[:, eye] = interpolate_rows(angles[:, eye], usable) if usable.any() else 0.0
    return gaze
