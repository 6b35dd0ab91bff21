"""Scores of a head that another person drives, which has no true frames: whose face it shows, how well it follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from h2h.config.geometry import Tracking
from h2h.evaluation.identity_similarity import cosine
from h2h.evaluation.motion_errors import Watched, motion_errors, own_fit
from h2h.evaluation.refit import Seen
from h2h.evaluation.refitted_shape import refitted_shape
from h2h.evaluation.summary import means
from h2h.tracking.head_model import HeadModel

PERSONAL = ("keypoint_distance", "eye_opening_error")  # two people's landmarks and eyes are not alike anyway


def driven_scores(
    model: HeadModel,
    settings: Tracking,
    driver: Watched,
    result: Watched,
    similarities: dict[str, np.ndarray],
    samples: int,
    seed: int,
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Motion against the driver's, face shape against both people's own.

    Args:
        model: the head model.
        settings: of the refit.
        driver: the driving frames, with the driver's identity.
        result: the synthesised ones, with the target's.
        similarities: dataset -> (T,), from `similarities_to`.
        samples, seed: of the bootstrap.

    Returns:
        Datasets of the T frames, f32 (T,), and the summary by the registry's keys.
    """
    count = len(next(iter(similarities.values())))
    motion = own_fit(model, settings, driver)
    errors = motion_errors(model, settings, motion, driver, result, count)
    datasets = {key: values for key, values in errors.items() if key not in PERSONAL}
    datasets |= {key: values.astype(np.float32) for key, values in similarities.items()}
    summary = {"frames": count, **means(datasets, samples, seed)}
    if motion is not None and (shape := refitted_shape(model, settings, result.seen)) is not None:
        summary |= shape.distance("face_shape_distance", model, result.identity, motion)
        summary |= shape.distance("source_shape_distance", model, driver.identity, motion)
        summary |= shape.share("source_shape_share", model, result.identity, driver.identity, motion)
    return datasets, summary


def similarities_to(
    people: dict[str, np.ndarray],
    seen: Seen | None,
    count: int,
    frame: Callable[[int], np.ndarray],
    identity: Callable[[np.ndarray, np.ndarray], np.ndarray],
    faces: int,
) -> dict[str, np.ndarray]:
    """Cosine between identity features of synthesised frames and people's mean features.

    Args:
        people: dataset -> mean feature (d,).
        seen: the points that were found in the synthesised frames.
        count: T.
        frame: the synthesised frame of a number, (S, S, 3) uint8.
        identity: from a frame and its landmarks to features (d,).
        faces: frames that are looked at, evenly spread over those with a face.

    Returns:
        Dataset -> f64 (T,), NaN for the other frames.
    """
    similar = {key: np.full(count, np.nan) for key in people}
    found = np.flatnonzero(seen.found) if seen is not None else np.zeros(0, int)
    for i in found[np.unique(np.linspace(0, len(found) - 1, min(faces, len(found))).round().astype(int))]:
        feature = identity(frame(i), seen.landmarks[i])
        for key, mean in people.items():
            similar[key][i] = cosine(feature[None], mean)[0]
    return similar
