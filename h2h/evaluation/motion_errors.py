"""How a result moves, against the true frames: both are refitted alike, each with its person's own identity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.config.geometry import Tracking
from h2h.evaluation.expression_error import expression_error
from h2h.evaluation.eye_opening_error import eye_opening_error, openings
from h2h.evaluation.gaze_error import gaze_error
from h2h.evaluation.keypoint_distance import keypoint_distance
from h2h.evaluation.refit import Seen, of_person, refit
from h2h.evaluation.rotation_error import rotation_error
from h2h.tracking.fit import CLOSED, VideoFit
from h2h.tracking.head_model import HeadModel

KEYS = ("face_missed", "keypoint_distance", "rotation_error", "expression_error", "eye_opening_error", "gaze_error")


@dataclass(frozen=True)
class Watched:
    """A video and whose it is.

    Attributes:
        seen: its points; None without any face.
        identity: (n_i,), of the person, from the person's own clips.
    """

    seen: Seen | None
    identity: np.ndarray


def own_fit(model: HeadModel, settings: Tracking, watched: Watched) -> VideoFit | None:
    """A video refitted with its person's own identity; None when the model fits no frame."""
    return refit(of_person(model, watched.identity), settings, watched.seen)


def motion_errors(
    model: HeadModel, settings: Tracking, true: VideoFit | None, real: Watched, fake: Watched, count: int
) -> dict[str, np.ndarray]:
    """Errors of T frames; NaN where either side shows no face, or none that the model fits.

    The true frames are refitted too, at the result's size and on its background, so that equal videos have no errors.

    Args:
        model: the head model.
        settings: of the fit.
        true: `own_fit` of the true frames.
        real, fake: the true frames and the result.
        count: T.

    Returns:
        `KEYS`, f32 (T,) each. `face_missed`: 100 where only the true frame shows a face, 0 where both do, else NaN;
        the others as their modules say.
    """
    errors = {key: np.full(count, np.nan, np.float32) for key in KEYS}
    if true is None:
        return errors
    made = own_fit(model, settings, fake)
    there = true.tracked & real.seen.found
    errors["face_missed"][there] = 100
    if made is None:
        return errors
    both = there & made.tracked & fake.seen.found
    errors["face_missed"][both] = 0
    points = real.seen.landmarks[both], fake.seen.landmarks[both]
    is_open = (openings(points[0]) > CLOSED) & (openings(points[1]) > CLOSED)
    found = {
        "keypoint_distance": keypoint_distance(*points),
        "rotation_error": rotation_error(true.rotation[both], made.rotation[both]),
        "expression_error": expression_error(model, true.expression[both], made.expression[both]),
        "eye_opening_error": eye_opening_error(*points),
        "gaze_error": gaze_error(true.gaze[both], made.gaze[both], is_open),
    }
    for key, values in found.items():
        errors[key][both] = values
    return errors
