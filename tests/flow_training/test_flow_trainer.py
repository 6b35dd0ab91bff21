import dataclasses

import numpy as np
import pytest
import torch

from h2h.flow.flownet2_flow import FlowNet2Flow
from h2h.flow.variants import build_flownet
from h2h.flow_training import faces as faces_module
from h2h.flow_training.faces import BACKGROUND, FACE, Faces, OriginalFlow
from h2h.flow_training.loop import rate, train_flow
from h2h.flow_training.moving_shapes import Motion
from h2h.flow_training.pairs import Known, Pairs
from h2h.flow_training.scenes import PART, Scenes
from h2h.flow_training.start import start
from h2h.flow_training.textures import procedural_textures
from h2h.flow_training.trainer import FlowTrainer
from h2h.training.divergence import MOST_SKIPPED, Diverged
from h2h.training.precision import FP16, FP32
from h2h.training.resume import Snapshot


@pytest.fixture(scope="module")
def textures():
    return procedural_textures(3, 4, side=64)


def make(parts=None, seed=0, largest=1.0):
    torch.manual_seed(seed)
    network = build_flownet("s", 0.05)
    start(network)
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    return FlowTrainer(network, optimiser, FP32, parts or {PART: 1.0}, [1.0] * 5, largest)


def drawing(textures):
    motion = Motion(median=2.0, spread=0.3, largest=4.0, turn=0.0, still=0.0)
    scenes = Scenes(1, 64, (0, 2), motion, textures, 2.0, 4)
    return lambda number: scenes.batch(number, 2)


def test_it_learns_and_shorter_gradients_are_as_long_as_asked(textures):
    trainer, pairs = make(), drawing(textures)(0)
    before = trainer.errors(pairs)[PART]
    train_flow(trainer, lambda number: pairs, 25, 0.2)
    assert trainer.errors(pairs)[PART] < 0.8 * before
    trainer.largest_gradient = 0.01
    trainer.step(pairs, 1.0)
    size = torch.linalg.vector_norm(torch.cat([p.grad.flatten() for p in trainer.network.parameters()]))
    assert size <= 0.01 * 1.001


def flat(network):
    return torch.cat([p.detach().flatten().clone() for p in network.parameters()])


def test_float16_teaches_a_flow_network_as_float32_does(textures):
    """Also after a step whose scaled gradients overflow, which is left out; a snapshot keeps the scale."""
    pairs, ends = drawing(textures)(0), []
    for precision in (FP32, FP16):
        trainer = dataclasses.replace(make(), precision=precision)
        before = flat(trainer.network)
        if precision is FP16:
            trainer.scale.value = 2.0**60
            trainer.step(pairs, 1.0)
            assert torch.equal(flat(trainer.network), before)
            assert trainer.scale.value < 2.0**60 and trainer.skipped.in_a_row == 0
            trainer.scale.value = 64.0
            other = dataclasses.replace(make(), precision=FP16)
            other.load(trainer.state())
            assert other.scale.value == 64
        values = trainer.step(pairs, 1.0)
        ends.append((values[PART], flat(trainer.network) - before))
    (wanted, way), (value, found) = ends
    assert value == pytest.approx(wanted, rel=0.02)
    assert way.any() and torch.cosine_similarity(way, found, 0) > 0.7


def test_the_rate_rises_and_falls():
    assert [rate(step, 10, 0.4) for step in range(10)] == pytest.approx(
        [0.25, 0.5, 0.75, 1, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6]
    )
    assert rate(0, 10, 0.0) == 1
    assert max(rate(step, 4, 0.2) for step in range(4)) == 1  # a warm-up of less than a step


def test_parts_count_by_their_weights_and_masks():
    trainer = make({"a": 1.0, "b": 3.0})
    frames = 255 * torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    left = torch.zeros(1, 1, 64, 64)
    left[..., :32] = 1
    flow = torch.where(left > 0, torch.tensor([3.0, 4.0])[:, None, None], torch.nan)
    known = {"a": Known(flow, left), "b": Known(torch.zeros_like(flow), 1 - left)}
    values = trainer.step(Pairs(frames, frames, known), 0.0)
    assert values == pytest.approx({"a": 5.0, "b": 0.0}, abs=1e-4)  # px: the network says no flow at first
    gradients = {}
    for name, parts in (("both", {"a": 1.0, "b": 3.0}), ("a", {"a": 1.0, "b": 0.0}), ("b", {"a": 0.0, "b": 3.0})):
        trainer = make(parts, largest=1e9)
        trainer.network.predict_flow2.bias.data.fill_(0.1)  # an error of 0 has no gradient
        trainer.step(Pairs(frames, frames, known), 0.0)
        gradients[name] = trainer.network.predict_flow2.weight.grad
    torch.testing.assert_close(gradients["both"], gradients["a"] + gradients["b"], atol=1e-5, rtol=1e-4)


class Knowing(torch.nn.Module):
    """Says the same flow everywhere, for frames that it wants with twice the height and width."""

    unit, enlarge = 20.0, 2

    def __init__(self, flow):
        super().__init__()
        self.flow = torch.nn.Parameter(torch.tensor(flow))

    def forward(self, pair):
        assert pair.shape[-1] == 128
        return [self.flow[:, None, None].expand(len(pair), 2, 128 // n, 128 // n) for n in (4, 8, 16, 32, 64)]


@pytest.mark.parametrize("missed", [0.0, 0.5])
def test_a_network_that_sees_enlarged_frames_learns_the_flow_of_the_given_ones(missed):
    """(3, -2) px of the frames are (6, -4) px of the enlarged ones: (0.3, -0.2) of the network's unit of 20."""
    network = Knowing([0.3 + missed / 10, -0.2])
    trainer = FlowTrainer(network, torch.optim.SGD(network.parameters(), 0.1), FP32, {PART: 1.0}, [1.0] * 5, 1.0)
    frames, flow = torch.zeros(1, 3, 64, 64), torch.tensor([3.0, -2.0])[:, None, None].expand(1, 2, 64, 64)
    pairs = Pairs(frames, frames, {PART: Known(flow, torch.ones(1, 1, 64, 64))})
    assert trainer.errors(pairs)[PART].item() == pytest.approx(missed / 10, abs=1e-6)
    assert trainer.step(pairs, 1.0)[PART] == pytest.approx(missed, abs=1e-5)  # told in px of the given frames


def test_steps_without_finite_gradients_change_nothing_and_then_end_the_training(textures):
    trainer = make()
    pairs = drawing(textures)(0)
    broken = Pairs(pairs.first * torch.nan, pairs.second, pairs.known)
    before = [p.clone() for p in trainer.network.parameters()]
    for _ in range(MOST_SKIPPED - 1):
        trainer.step(broken, 1.0)
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.network.parameters(), strict=True))
    trainer.step(pairs, 1.0)
    assert trainer.skipped.in_a_row == 0
    trainer.skipped.in_a_row = MOST_SKIPPED - 1
    with pytest.raises(Diverged, match="without finite gradients") as error:
        trainer.step(broken, 1.0)
    assert "lr" in error.value.remedy


class Killed(Exception):
    pass


def test_an_interrupted_training_equals_the_uninterrupted_one(textures, tmp_path):
    straight = make()
    curves = train_flow(straight, drawing(textures), 6, 0.5)
    assert [point["clip"] for point in curves] == list(range(1, 7)) and curves[0][PART] > 0
    snapshot, draw = Snapshot(tmp_path / ".resume.safetensors", "mark"), drawing(textures)

    def dies(number):
        if number == 4:
            raise Killed
        return draw(number)

    with pytest.raises(Killed):
        train_flow(make(), dies, 6, 0.5, snapshot=snapshot, snapshot_seconds=0)
    again = make(seed=9)
    assert train_flow(again, drawing(textures), 6, 0.5, snapshot=snapshot) == curves
    for name, value in straight.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    count, size = 7, 64
    face = np.zeros((count, size, size), bool)
    face[:, 16:48, 16:48] = True
    behind = rng.normal(0, 1, (count, size, size, 2)).astype(np.float16)
    behind[0, :5] = np.nan
    return {
        "first": rng.integers(0, 256, (count, size, size, 3), np.uint8),
        "second": rng.integers(0, 256, (count, size, size, 3), np.uint8),
        "flow": rng.normal(0, 1, (count, size, size, 2)).astype(np.float16),
        "face": face,
        "background": ~face,
        "true_background": behind,
        "held_out": np.arange(count) < 2,
    }


def test_faces_are_split_by_people_and_known_where_they_are(data):
    seen, unseen = Faces(data, held_out=False), Faces(data, held_out=True)
    assert seen.indices.tolist() == [2, 3, 4, 5, 6] and len(list(unseen.pairs())) == 2
    first, second, known = next(unseen.pairs())
    np.testing.assert_array_equal(first, data["first"][0])
    np.testing.assert_array_equal(second, data["second"][0])
    np.testing.assert_array_equal(known[FACE][1], data["face"][0])
    assert known[BACKGROUND][1].sum() == data["background"][0].sum() - 5 * 64  # not where nothing is known
    shown = [seen.batch(seen.choose(2, np.random.default_rng(n))) for n in (0, 0, 1, 2, 3)]
    assert torch.equal(shown[0].first, shown[1].first)
    assert len({batch.first.numpy().tobytes() for batch in shown}) > 2
    frames = data["first"][2:].astype(np.float32).transpose(0, 3, 1, 2)
    for picture, flow in zip(shown[0].first.numpy(), shown[0].known[FACE].flow.numpy(), strict=True):
        (at,) = [i for i, frame in enumerate(frames) if np.array_equal(frame, picture)]
        np.testing.assert_array_equal(flow, data["flow"][2 + at].astype(np.float32).transpose(2, 0, 1))


def test_on_the_background_the_original_networks_flow_is_the_truth(data, monkeypatch):
    torch.manual_seed(3)
    original = build_flownet("s", 0.05).eval()
    behind, faces = OriginalFlow(original), Faces(data, held_out=False)
    pairs = behind.add_to(faces.batch([3, 5]), [3, 5])
    frames = [f.permute(0, 2, 3, 1).numpy() for f in (pairs.first, pairs.second)]
    wanted = FlowNet2Flow(original)(*frames).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(pairs.known[BACKGROUND].flow, wanted, atol=5e-3, rtol=1e-3)
    for p in original.parameters():
        p.data.zero_()
    again = behind.add_to(faces.batch([5, 6]), [5, 6]).known[BACKGROUND].flow  # the first was asked before
    assert torch.equal(again[0], pairs.known[BACKGROUND].flow[1]) and not again[1].any()
    monkeypatch.setattr(faces_module, "MOST_NUMBERS", 3 * again[0].numel())
    behind.add_to(faces.batch([0, 1]), [0, 1])
    assert list(behind._flows) == [6, 0, 1]  # the oldest are forgotten
    assert wanted.std() > 0 and not pairs.known[BACKGROUND].flow.requires_grad
    assert bool((pairs.known[BACKGROUND].mask == 1 - pairs.known[FACE].mask).all())


def test_an_empty_split_is_the_users_mistake(data):
    from h2h.errors import UserError

    with pytest.raises(UserError, match="no held-out pairs"):
        Faces(data | {"held_out": np.zeros(7, bool)}, held_out=True)
