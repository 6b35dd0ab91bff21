"""Scores that need all held-out frames together."""

import numpy as np
import pytest

from h2h.config import load_params
from h2h.evaluation.frame_scores import Pair
from h2h.evaluation.held_out import HeldOut, Networks
from h2h.evaluation.refit import Watch
from h2h.tracking.anny_head import build_anny_head

SIZE = 32


def unit(angle):
    return np.array([np.cos(angle), np.sin(angle)])


def test_people_are_compared_frame_by_frame_and_with_what_the_true_frames_have_in_common():
    """True frames look 0 and 60 degrees apart, so that the person is at 30; synthesised ones are at 0 and at 30."""
    angles = {10: 0, 20: 60, 110: 0, 120: 30}
    networks = Networks(
        identity=lambda frame, landmarks: unit(np.deg2rad(angles[frame[0, 0, 0]])),
        looks=lambda a, b: 0.0,
        looks_key="perceptual_distance",
        mouth=lambda frame, centre, crop: unit(0.0),
    )
    model = build_anny_head(samples=100, identity=8, expression=12, seed=3)
    with Watch("mediapipe", 0.5, 0) as real, Watch("mediapipe", 0.5, 0) as fake:
        scores = HeldOut(networks, real, fake, 0.3)
        mask, mouth = np.full((SIZE, SIZE), 255, np.uint8), np.full(2, 0.5, np.float32)
        for grey, made in ((10, 110), (20, 120)):
            frames = [np.full((SIZE, SIZE, 3), value, np.uint8) for value in (grey, made)]
            scores.push(Pair(*frames, mask, mask, frames[0] * 0, mouth), np.full((68, 2), 0.5, np.float32), 0, None)
        found, summary = scores.finish(model, load_params().tracking, np.zeros(8, np.float32), 10, 1)
    cosines = {"identity_similarity": [0, 30], "person_similarity": [30, 0]}
    for key, degrees in cosines.items():
        assert found[key] == pytest.approx(np.cos(np.deg2rad(degrees)), abs=1e-6)
        assert summary[key] == pytest.approx(np.cos(np.deg2rad(degrees)).mean(), abs=1e-6)
    assert summary["frames_without_face"] == 2
