"""Without torch the same is drawn as with it."""

import numpy as np
import pytest
import torch

from h2h.models import sequence
from h2h.models.generator import Generator
from h2h.models.onnx_form import to_onnx
from h2h.models.runtimes import OnnxRuntime
from h2h.person.history import History
from h2h.person.renderer import PersonRenderer, to_condition, to_pictures
from h2h.training import clips, synthesis


@pytest.mark.parametrize(("condition_frames", "history_frames"), [(3, 2), (1, 0), (2, 1)])
def test_the_history_is_that_of_torch(condition_frames, history_frames):
    rng = np.random.default_rng(0)
    wanted = sequence.History(condition_frames, history_frames)
    found = History(8, 6, condition_frames, history_frames)
    for _ in range(2):
        for _ in range(5):
            x, y = rng.normal(size=(6, 8, 8)).astype(np.float32), rng.normal(size=(1, 3, 8, 8)).astype(np.float32)
            for a, b in zip(found.inputs(x), wanted.inputs(torch.from_numpy(x)[None]), strict=True):
                np.testing.assert_array_equal(a, b.numpy())
            found.push(y)
            wanted.push(torch.from_numpy(y))
        found.reset()
        wanted = sequence.History(condition_frames, history_frames)


def test_pictures_are_those_of_torch():
    rng = np.random.default_rng(1)
    nmfc, gaze = rng.integers(0, 256, (2, 8, 8, 3), np.uint8)
    for eyes in (gaze, None):
        np.testing.assert_array_equal(to_condition(nmfc, eyes), clips.condition(nmfc, eyes).numpy())
    frame, mask = rng.uniform(-1, 1, (3, 8, 8)).astype(np.float32), rng.uniform(0, 1, (1, 8, 8)).astype(np.float32)
    wanted = synthesis.to_pictures(torch.from_numpy(frame), torch.from_numpy(mask))
    for a, b in zip(to_pictures(frame, mask), wanted, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("gaze", [True, False])
def test_a_sequence_is_that_of_torch(gaze):
    torch.manual_seed(0)
    network = Generator(6 if gaze else 3, 8, 1, 1, 1, None).eval()
    rng = np.random.default_rng(2)
    nmfc, eyes = rng.integers(0, 256, (2, 5, 16, 16, 3), np.uint8)
    conditions = [clips.condition(nmfc[t], eyes[t] if gaze else None) for t in range(5)]
    wanted = [synthesis.to_pictures(*pair) for pair in sequence.generate(network, conditions)]
    draw = PersonRenderer(OnnxRuntime(to_onnx(network, 16), 1), 16, gaze, 3, 2)
    for _ in range(2):
        for t in range(5):
            for a, b in zip(draw(nmfc[t], eyes[t]), wanted[t], strict=True):
                assert a.shape == b.shape and a.dtype == np.uint8
                assert np.abs(a.astype(int) - b).max() <= 1  # a value may lie on the border of two levels
        draw.reset()
    assert any(np.abs(wanted[0][0].astype(int) - wanted[t][0]).max() > 1 for t in (1, 2))
