import numpy as np
import pytest

from h2h.render.hybrid import Parameters, transfer
from h2h.render.live_hybrid import FrameParameters, LiveTransfer


def person(count, scale, place, seed):
    rng = np.random.default_rng(seed)
    return Parameters(
        identity=rng.normal(size=4),
        expression=rng.normal(size=(count, 3)),
        scale=scale * (1 + 0.05 * rng.normal(size=count)),
        rotation=rng.normal(size=(count, 4)),
        translation=np.array(place) + 0.02 * rng.normal(size=(count, 2)),
        gaze=rng.normal(size=(count, 2, 2)),
    )


def frame(p, t):
    return FrameParameters(p.expression[t], float(p.scale[t]), p.rotation[t], p.translation[t], p.gaze[t])


@pytest.fixture
def pair():
    return person(400, 0.004, (0.4, 0.6), 0), person(30, 0.006, (0.5, 0.5), 1)


def test_approaches_the_offline_transfer(pair):
    source, target = pair
    live = LiveTransfer(target, smooth_frames=1)
    found = [live(frame(source, t)) for t in range(400)]
    wanted = transfer(source, target, smooth_frames=1)
    np.testing.assert_allclose([f.scale for f in found[200:]], wanted.scale[200:], rtol=0.02)
    np.testing.assert_allclose([f.translation for f in found[200:]], wanted.translation[200:], atol=0.006)
    np.testing.assert_array_equal([f.expression for f in found], source.expression)
    np.testing.assert_array_equal([f.rotation for f in found], source.rotation)


def test_position_stays_near_the_target(pair):
    source, target = pair
    live = LiveTransfer(target, translation_sigmas=1.0, smooth_frames=1)
    far = [live(FrameParameters(source.expression[0], 0.004, source.rotation[0], np.array(p), source.gaze[0]))
           for p in ((0.4, 0.6), (0.9, 0.1))]  # fmt: skip
    reach = target.translation.std(axis=0)
    assert (np.abs(far[1].translation - target.translation.mean(axis=0)) <= reach + 1e-9).all()


def test_filter_looks_back_and_stops_at_a_cut(pair):
    source, target = pair
    live, plain = LiveTransfer(target, smooth_frames=4), LiveTransfer(target, smooth_frames=1)
    smooth, raw = ([tr(frame(source, t)).scale for t in range(20)] for tr in (live, plain))
    assert smooth[10] == pytest.approx(np.mean(raw[7:11]))
    live.cut()
    assert live(frame(source, 20)).scale == pytest.approx(plain(frame(source, 20)).scale)


@pytest.mark.parametrize("mode", ["face", "expression"])
def test_other_modes_keep_the_targets_pose(pair, mode):
    source, target = pair
    live = LiveTransfer(target, mode=mode)
    found = [live(frame(source, t)) for t in range(70)]
    wanted = transfer(source, target, mode=mode)
    np.testing.assert_array_equal([f.rotation for f in found], wanted.rotation[:70])
    np.testing.assert_allclose([f.gaze for f in found], wanted.gaze[:70])


def test_reset_starts_anew(pair):
    source, target = pair
    live = LiveTransfer(target)
    first = live(frame(source, 0))
    for t in range(1, 9):
        live(frame(source, t))
    live.reset()
    again = live(frame(source, 0))
    assert first.scale == again.scale and (first.translation == again.translation).all()
