"""Fit the head model to a whole video (eq. 2): cameras, then shapes with cameras that may follow, in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.tracking.gaze import fit_gaze, opening
from h2h.tracking.head_model import JAW, LEFT_EYE, OUTER_EYE_CORNERS, RIGHT_EYE, HeadModel
from h2h.tracking.landmark_basis import Contour, dense_indices, dense_model, landmark_model
from h2h.tracking.moving_points import MovingPoints
from h2h.tracking.rotation import interpolate_quaternions
from h2h.tracking.shape_fit import fit_shapes
from h2h.tracking.sop import Cameras, fit_cameras
from h2h.tracking.video_least_squares import Weights

JAW_WEIGHT = 0.15  # of squared errors, over the inner points' 1: the outline is the least certain
OUTLIER = 3.0  # spreads
MEDIAN_OF_RAYLEIGH = 1.1774  # of an error's length, over the spread of its coordinates
LEAST_SPREAD = 0.2  # mm
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
    dense: np.ndarray | None = None,
    dense_weight: float = 0.0,
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
        dense: (T, 468, 2), the points of MediaPipe's face mesh, crop fractions; NaN for a point to leave out.
        dense_weight: of their squared errors, over the inner landmarks' 1.
    """
    points, sliding = landmark_model(model), Contour(model) if contour else None
    point_weights = np.ones(68, np.float32)
    point_weights[JAW] = JAW_WEIGHT if contour else 0.0
    seen = np.asarray(landmarks, np.float32)  # a ten-thousandth of a pixel; long videos fill the memory with points
    good = (confidence > 0) & np.isfinite(seen).all(axis=(1, 2))
    if not good.any():
        raise ValueError("no frame has landmarks")
    seen = np.where(good[:, None, None], seen, seen[good][0])
    there = np.ones(seen.shape[:2], bool)  # points that were detected
    if dense is not None and dense_weight and len(model.dense_triangles):
        chosen = dense_indices(model, dense)
        points = points.joined(dense_model(model, chosen))
        point_weights = np.concatenate([point_weights, np.full(len(chosen), dense_weight, np.float32)])
        more = np.asarray(dense[:, chosen], np.float32)
        there = np.concatenate([there, np.isfinite(more).all(axis=2)], axis=1)
        seen = np.concatenate([seen, np.where(there[:, 68:, None], more, np.float32(0.5))], axis=1)
        del more

    moving = MovingPoints(points, sliding)
    z_id, z_exp = np.zeros(points.identity.shape[-1]), np.zeros((len(seen), points.expression.shape[-1]))
    shapes = moving.shapes(z_id, z_exp)
    residual = np.zeros(len(seen))
    trusted = point_weights * there
    for number in range(alternations):
        cameras = fit_cameras(shapes, seen, trusted)
        residual = landmark_residual(shapes[:, :68], cameras, seen[:, :68], point_weights[:68])
        good = good & (residual <= max_residual)
        if not good.any():
            break
        matrix, plane = cameras.matrix, to_millimetres(seen, cameras)
        if number:  # before the first shapes every error is the person's own face
            trusted = point_weights * there * trust(in_plane(shapes, matrix) - plane, good)
        del shapes  # to make room for the equations
        moving = moving.slide(z_id, z_exp, matrix, plane)
        z_id, z_exp = fit_shapes(moving, matrix, plane, good[:, None] * trusted, segment, weights, (z_id, z_exp))
        shapes = moving.shapes(z_id, z_exp)
    if good.any():
        cameras = fit_cameras(shapes, seen, trusted)
        residual = landmark_residual(shapes[:, :68], cameras, seen[:, :68], point_weights[:68])
        good = good & (residual <= max_residual)

    identity = (z_id * model.identity_sigma).astype(np.float32)
    expression = interpolate_rows(z_exp * model.expression_sigma, good).astype(np.float32)
    cameras = Cameras(
        interpolate_rows(cameras.scale[:, None], good)[:, 0],
        interpolate_quaternions(cameras.rotation, good),
        interpolate_rows(cameras.translation, good),
    )
    part = model.reduced()
    iris = np.asarray(iris, np.float64)
    gaze = fit_eyes(part, part.neutral(identity), expression, cameras, seen, iris, good, np.zeros((2, 2)))
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
    projected = in_plane(shapes, cameras.matrix)
    error = ((projected - to_millimetres(seen, cameras)) ** 2).sum(axis=-1)
    right, left = OUTER_EYE_CORNERS
    between = np.linalg.norm(shapes[:, right] - shapes[:, left], axis=-1)
    return np.sqrt((error * weights).sum(axis=1) / weights.sum()) / between


def trust(error: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Weights (T, P) in (0, 1] that take occluded and misplaced points out of a fit.

    A point has its own spread, the median of its errors over the video: some landmarks are always less certain.
    Beyond OUTLIER spreads its weight falls with the square of the error.

    Args:
        error: (T, P, 2), mm.
        good: bool (T,), the frames that count.
    """
    length = np.linalg.norm(error, axis=-1)
    spread = np.median(length[good], axis=0) / MEDIAN_OF_RAYLEIGH
    return outlier_weights(length, spread)


def outlier_weights(length: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Weights in (0, 1] of errors (..., P), mm, of points with the given spreads (P,), mm."""
    spread = np.maximum(spread, LEAST_SPREAD)
    return np.minimum(1.0, OUTLIER * spread / np.maximum(length, 1e-9)) ** 2


def interpolate_rows(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Replace unknown rows of (T, D) by linear interpolation between the known ones; ends are repeated."""
    good = np.flatnonzero(known)
    if len(good) in (0, len(values)):
        return values
    frames = np.arange(len(values))
    return np.stack([np.interp(frames, good, column[good]) for column in values.T], axis=1)


def in_plane(shapes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Points (T, P, 3) in the camera's plane: (T, P, 2), mm."""
    return shapes @ np.swapaxes(matrix[:, :2], 1, 2).astype(shapes.dtype)


def to_millimetres(seen: np.ndarray, cameras: Cameras) -> np.ndarray:
    """Detected points (T, P, 2), crop fractions, in the same plane: mm."""
    scale, translation = cameras.scale.astype(seen.dtype), cameras.translation.astype(seen.dtype)
    return (seen - translation[:, None]) / scale[:, None, None]


def fit_eyes(
    model: HeadModel,
    neutral: np.ndarray,
    expression: np.ndarray,
    cameras: Cameras,
    seen: np.ndarray,
    iris: np.ndarray,
    good: np.ndarray,
    fallback: np.ndarray,
) -> np.ndarray:
    """Gaze of T frames, interpolated where the eye is closed or the frame is not tracked.

    The iris is placed relative to the lids: the detected lids may miss the fitted ones by a pixel or two, which would
    turn the eyeball by several degrees.

    Args:
        model: reduced (`HeadModel.reduced`), V vertices.
        neutral: (V, 3), the person without expression, mm.
        expression: (T, n_e), mm.
        cameras: of the T frames.
        seen: (T, 68, 2), crop fractions.
        iris: (T, 2, 5, 2), crop fractions; NaN where not detected.
        good: bool (T,), tracked frames.
        fallback: (2, 2), the gaze of an eye that is never usable.

    Returns:
        (T, 2, 2), radians.
    """
    shapes = neutral + np.tensordot(expression, model.expression_basis, 1)
    eyes, points = model.eyes(shapes), model.landmarks(shapes)
    fitted = in_plane(points, cameras.matrix) * cameras.scale[:, None, None] + cameras.translation[:, None]
    gaze = np.empty((len(seen), 2, 2))
    for eye, lids in enumerate((RIGHT_EYE, LEFT_EYE)):
        corners = [lids.start, lids.start + 3]
        shift = fitted[:, corners].mean(axis=1) - seen[:, corners].mean(axis=1)
        usable = good & (opening(seen[:, lids]) > CLOSED) & np.isfinite(iris[:, eye, 0]).all(axis=-1)
        place = np.where(usable[:, None], iris[:, eye, 0] + shift, 0.0)
        angles = fit_gaze(
            np.stack([place, place], axis=1),
            eyes.centre,
            eyes.iris_distance,
            cameras.scale,
            cameras.rotation,
            cameras.translation,
        )
        gaze[:, eye] = interpolate_rows(angles[:, eye], usable) if usable.any() else fallback[eye]
    return gaze
