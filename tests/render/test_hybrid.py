import numpy as np
import pytest

from h2h.render.hybrid import Parameters, box_filter, there_and_back, transfer


def person(count, seed, scale=0.004):
    rng = np.random.default_rng(seed)
    turn = rng.normal(size=(count, 4))
    return Parameters(
        identity=rng.normal(size=5),
        expression=rng.normal(size=(count, 3)),
        scale=scale * rng.uniform(0.9, 1.1, count),
        rotation=turn / np.linalg.norm(turn, axis=1, keepdims=True),
        translation=rng.normal(seed, 0.02, (count, 2)),
        gaze=rng.normal(size=(count, 2, 2)),
    )


SOURCE, TARGET = person(40, 1), person(25, 2, scale=0.006)


def test_full_head_takes_motion_from_the_source_and_identity_from_the_target():
    out = transfer(SOURCE, TARGET, smooth_frames=1)
    np.testing.assert_array_equal(out.identity, TARGET.identity)
    for key in ("expression", "rotation", "gaze"):
        np.testing.assert_array_equal(getattr(out, key), getattr(SOURCE, key))
    np.testing.assert_allclose(out.scale, SOURCE.scale * TARGET.scale.mean() / SOURCE.scale.mean())
    assert out.scale.mean() == pytest.approx(TARGET.scale.mean())
    np.testing.assert_allclose(transfer(SOURCE, TARGET, scale="source", smooth_frames=1).scale, SOURCE.scale)


def test_translation_is_shifted_and_clamped():
    still = person(25, 2)
    middle, spread = still.translation.mean(axis=0), still.translation.std(axis=0)
    out = transfer(SOURCE, still, translation_sigmas=0.5, smooth_frames=1).translation
    assert (np.abs(out - middle) <= 0.5 * spread + 1e-12).all()
    assert (np.abs(np.abs(out - middle) - 0.5 * spread) < 1e-12).any()
    free = transfer(SOURCE, still, translation_sigmas=1e3, smooth_frames=1).translation
    np.testing.assert_allclose(free - middle, SOURCE.translation - SOURCE.translation.mean(axis=0), atol=1e-12)


def test_smoothing_within_segments_only():
    segment = np.repeat([0, 1], 20)
    out = transfer(SOURCE, TARGET, translation_sigmas=1e3, segment=segment)
    alone = box_filter(SOURCE.translation[:20], 15, np.zeros(20))
    shift = TARGET.translation.mean(axis=0) - SOURCE.translation.mean(axis=0)
    np.testing.assert_allclose(out.translation[:20], alone + shift, atol=1e-12)
    np.testing.assert_array_equal(out.rotation, SOURCE.rotation)


def test_face_and_expression_keep_the_targets_pose():
    own = there_and_back(25, 40)
    for mode, gaze in (("face", SOURCE.gaze), ("expression", TARGET.gaze[own])):
        out = transfer(SOURCE, TARGET, mode=mode)
        np.testing.assert_array_equal(out.expression, SOURCE.expression)
        np.testing.assert_array_equal(out.rotation, TARGET.rotation[own])
        np.testing.assert_array_equal(out.scale, TARGET.scale[own])
        np.testing.assert_array_equal(out.gaze, gaze)


def test_there_and_back():
    assert there_and_back(4, 9).tolist() == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert there_and_back(1, 3).tolist() == [0, 0, 0]


@pytest.mark.parametrize("width", [2, 3, 8, 15])
def test_box_filter_matches_the_plain_mean(width):
    values, segment = np.random.default_rng(0).normal(size=(20, 2)), np.repeat([3, 7], [6, 14])
    out, reach = box_filter(values, width, segment), (width - 1) // 2
    for t in range(20):
        near = [u for u in range(20) if abs(u - t) <= reach and segment[u] == segment[t]]
        np.testing.assert_allclose(out[t], values[near].mean(axis=0))
