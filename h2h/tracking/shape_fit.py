"""Eq. 2's equations, frame by frame, with the cameras free to follow."""

from __future__ import annotations

import numpy as np

from h2h.tracking.landmark_basis import PointModel
from h2h.tracking.moving_points import MovingPoints
from h2h.tracking.sop import camera_jacobian
from h2h.tracking.video_least_squares import DataTerm, Weights, solve_video

# distances between opposite lid and lip points; the fit of single points alone leaves blinks and speech too small
OPENINGS = ((37, 41), (38, 40), (43, 47), (44, 46), (61, 67), (62, 66), (63, 65))
OPENING_WEIGHT = 4.0
_FIRST, _SECOND = (np.array(column) for column in zip(*OPENINGS, strict=True))


def fit_shapes(
    moving: MovingPoints,
    matrix: np.ndarray,
    plane: np.ndarray,
    point_weights: np.ndarray,
    segment: np.ndarray,
    weights: Weights,
    start: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Assemble and solve eq. 2.

    The papers hold the cameras, which makes the alternation slow: what a little turn of the head explains keeps the
    jaw shut. Here each frame's equations lose what a change of its camera could explain to first order (variable
    projection, Golub and Pereyra 1973); the cameras are then estimated again.

    Args:
        moving: the points' model, P points.
        matrix: (T, 3, 3), head to camera.
        plane: (T, P, 2), the detected points in millimetres of the camera's plane.
        point_weights: (T, P), of squared errors; a frame whose weights are all 0 has no data term.
        segment: (T,).
        weights: of eq. 2.
        start: z_id and z_exp to start from.

    Returns:
        z_id (n_i,) and z_exp (T, n_e).
    """
    n_i, n_e = moving.points.identity.shape[-1], moving.points.expression.shape[-1]
    data = DataTerm(len(plane), n_i, n_e)
    for t in np.flatnonzero(point_weights.any(axis=1)):
        rows = frame_rows(moving.at(t), matrix[t], plane[t], point_weights[t], start[0], start[1][t])
        data.set(t, rows[:, :n_e], rows[:, n_e:-1], rows[:, -1])
    return solve_video(data, segment, weights, start)


def frame_rows(
    points: PointModel,
    matrix: np.ndarray,
    plane: np.ndarray,
    point_weights: np.ndarray,
    z_id: np.ndarray,
    z_exp: np.ndarray,
) -> np.ndarray:
    """One frame's equations, rid of what its camera could explain.

    Args:
        points: P points.
        matrix: (3, 3), head to camera.
        plane: (P, 2), the detected points, mm.
        point_weights: (P,).
        z_id, z_exp: (n_i,) and (n_e,), the shape about which the camera is linear.

    Returns:
        (2 P + 14, n_e + n_i + 1): the factors of z_exp and z_id, and the right side.
    """
    turn, root = matrix[:2], np.sqrt(point_weights)
    columns = (
        np.matmul(turn, points.expression),
        np.matmul(turn, points.identity),
        (plane - points.mean @ turn.T)[..., None],
    )
    rows = equations(np.concatenate(columns, axis=-1), root)
    shape = points.shapes(z_id, z_exp[None])[0]
    camera = np.linalg.qr(equations(camera_jacobian(shape @ matrix.T), root))[0]
    return rows - camera @ (camera.T @ rows)


def equations(values: np.ndarray, root: np.ndarray) -> np.ndarray:
    """(P, 2, k) -> the weighted points' rows, then the openings', (2 P + 14, k).

    Args:
        values: what the unknowns do to the points, or where the points should go.
        root: (P,), roots of the points' weights; an opening counts as much as the less certain of its two points.
    """
    both = np.sqrt(OPENING_WEIGHT) * np.minimum(root[_FIRST], root[_SECOND])
    parts = root[:, None, None] * values, both[:, None, None] * (values[_FIRST] - values[_SECOND])
    return np.concatenate(parts).reshape(-1, values.shape[-1])
