"""Scores of a self-reenactment: held-out frames one after the other, then all of them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from h2h.config.geometry import Tracking
from h2h.evaluation.frame_scores import Pair, flicker, frame_scores
from h2h.evaluation.frechet import bootstrap_deviation, frechet_distance, frechet_interval
from h2h.evaluation.identity_similarity import cosine
from h2h.evaluation.motion_errors import Watched, motion_errors, own_fit
from h2h.evaluation.refit import Watch
from h2h.evaluation.refitted_shape import RUNS, refitted_shape
from h2h.evaluation.summary import means
from h2h.tracking.head_model import HeadModel

Features = Callable[..., np.ndarray]


@dataclass(frozen=True)
class Networks:
    """What scores are taken with.

    Attributes:
        identity: from a frame (S, S, 3) uint8 and its landmarks (68, 2), fractions, to unit-norm features (d,).
        looks: from two frames to their perceptual distance.
        looks_key: its dataset.
        mouth: from a frame, the mouth's centre and the crop's side to unit-norm features.
    """

    identity: Features
    looks: Callable[[np.ndarray, np.ndarray], float]
    looks_key: str
    mouth: Features


class HeldOut:
    """Scores of a video, pushed frame by frame.

    Args:
        networks: for features.
        real, fake: find the points of the true and of the synthesised frames.
        mouth_crop: side of the square around the mouth over the frame's.
    """

    def __init__(self, networks: Networks, real: Watch, fake: Watch, mouth_crop: float):
        self._networks, self._real, self._fake, self._crop = networks, real, fake, mouth_crop
        self._scores: dict[str, list[float]] = {}
        self._features: dict[str, list[np.ndarray]] = {}
        self._before: Pair | None = None

    def push(self, pair: Pair, landmarks: np.ndarray, segment: int, flow: np.ndarray | None) -> np.ndarray:
        """The next frame.

        Args:
            pair: the true and the synthesised one.
            landmarks: (68, 2), of the true one, fractions.
            segment: number of its run of consecutive frames.
            flow: (S, S, 2) px, from the frame before; None if that was not pushed.

        Returns:
            The map of errors, f32 (S, S).
        """
        networks = self._networks
        scores, errors = frame_scores(pair, self._crop)
        known = flow is not None and self._before is not None
        scores["warping_error"] = flicker(self._before, pair, flow) if known else float("nan")
        scores[networks.looks_key] = networks.looks(pair.real, pair.fake)
        for key, value in scores.items():
            self._scores.setdefault(key, []).append(value)
        for side, frame in (("real", pair.real), ("fake", pair.fake)):
            self._features.setdefault(f"{side} face", []).append(networks.identity(frame, landmarks))
            self._features.setdefault(f"{side} mouth", []).append(networks.mouth(frame, pair.mouth, self._crop))
        self._real.push(pair.real, segment)
        self._fake.push(pair.fake, segment)
        self._before = pair
        return errors

    def finish(
        self, model: HeadModel, settings: Tracking, identity: np.ndarray, samples: int, seed: int
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """All that the frames together tell.

        Args:
            model: the head model.
            settings: of the refit.
            identity: (n_i,), the person's own.
            samples, seed: of the bootstraps.

        Returns:
            Datasets of the T frames, f32 (T,), and the summary by the registry's keys.
        """
        face, face_made, mouth, mouth_made = (
            np.stack(self._features[key]) for key in ("real face", "fake face", "real mouth", "fake mouth")
        )
        real, fake = self._real.seen(), self._fake.seen()
        datasets = {key: np.array(values, np.float32) for key, values in self._scores.items()}
        datasets["identity_similarity"] = cosine(face_made, face).astype(np.float32)
        datasets["person_similarity"] = cosine(face_made, face.mean(axis=0)).astype(np.float32)
        watched = Watched(real, identity), Watched(fake, identity)
        motion = own_fit(model, settings, watched[0])
        datasets |= motion_errors(model, settings, motion, *watched, len(face))
        summary = {"frames": len(face), **means(datasets, samples, seed)}
        for key, a, b in (("fid", face, face_made), ("mouth_fid", mouth, mouth_made)):
            summary[key], summary[f"{key}_interval"] = frechet_distance(a, b), frechet_interval(a, b, samples, seed)
        summary["fid_deviation"] = bootstrap_deviation(face, face_made, samples, seed)
        summary["frames_without_face"] = int(np.isnan(datasets["face_missed"]).sum())  # in the true frame
        for key, seen in (("face_shape_distance", fake), ("face_shape_of_true_frames", real)):
            shape = None if motion is None else refitted_shape(model, settings, seen, RUNS if seen is fake else 0)
            if shape is not None:
                summary |= shape.distance(key, model, identity, motion)
        return datasets, summary
