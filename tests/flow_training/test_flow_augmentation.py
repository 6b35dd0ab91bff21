import numpy as np
import pytest
import torch

from h2h.evaluation.warping_error import warp
from h2h.flow_training.augmentation import cropped, move, recolour
from h2h.flow_training.moving_shapes import Motion, moving_shapes
from h2h.flow_training.pairs import Known, Pairs, filled_up, stacked
from h2h.flow_training.textures import procedural_textures


@pytest.fixture(scope="module")
def pairs():
    textures = procedural_textures(3, 4, side=96)
    motion = Motion(median=2.0, spread=0.2, largest=4.0, turn=0.02, still=0.0)
    drawn = [moving_shapes([2, i], 64, (0, 0), motion, textures) for i in range(6)]
    flow = stacked([pair.forward for pair in drawn])
    mask = torch.ones_like(flow[:, :1])
    mask[:, :, :10] = 0
    return Pairs(stacked([p.first for p in drawn]), stacked([p.second for p in drawn]), {"face": Known(flow, mask)})


def test_both_frames_get_the_same_colours(pairs):
    rng = np.random.default_rng(0)
    found = recolour(pairs, 0.3, 0.0, rng)
    assert found.known is pairs.known and found.first.min() >= 0 and found.first.max() <= 255
    for one, first, second in zip(pairs.first, found.first, found.second, strict=True):
        assert (first - one).abs().mean() > 1
        assert (first.mean() - second.mean()).abs() < 6  # their light is only a little apart
    unchanged = recolour(pairs, 0.0, 0.0, rng)
    torch.testing.assert_close(unchanged.first, pairs.first, atol=1e-3, rtol=0)
    torch.testing.assert_close(unchanged.second, pairs.second, atol=1e-3, rtol=0)


def test_half_of_the_pairs_have_noise_of_their_own_in_each_frame():
    grey = torch.full((200, 3, 8, 8), 100.0)
    found = recolour(Pairs(grey, grey, {}), 0.0, 4.0, np.random.default_rng(1))
    first, second = (frame.std((1, 2, 3)) for frame in (found.first, found.second))
    assert 0.35 < (first > 1e-3).float().mean() < 0.65 and first.max() < 5
    noisy = first > 1
    assert ((found.first - found.second).std((1, 2, 3))[noisy] > first[noisy]).all() and (second[noisy] > 0.5).all()


def test_moved_pairs_have_moved_flows(pairs):
    found = move(pairs, 0.3, 0.0, np.random.default_rng(3))
    mirrored = 0
    for i in range(len(found.first)):
        first, second, flow = (
            x[i].permute(1, 2, 0).numpy() for x in (found.first, found.second, found.known["face"].flow)
        )
        known = found.known["face"].mask[i, 0].numpy() > 0
        assert set(np.unique(found.known["face"].mask[i])) == {0.0, 1.0}
        there = warp(np.ascontiguousarray(second), np.ascontiguousarray(flow))
        known[[*range(8), *range(-8, 0)]] = known[:, [*range(8), *range(-8, 0)]] = False
        assert known.sum() > 600
        off, still = (np.abs(first - x)[known].mean() for x in (there, second))
        assert off < 0.35 * still
        before = pairs.known["face"].flow[i].mean((1, 2)).numpy()
        mirrored += np.sign(before[0]) != np.sign(flow[known][:, 0].mean())
    assert 0 < mirrored < 6


def test_what_is_masked_out_stays_out_even_if_it_is_not_a_number(pairs):
    known = pairs.known["face"]
    flow = torch.where(known.mask > 0, known.flow, torch.nan)
    found = move(
        Pairs(pairs.first, pairs.second, {"face": Known(flow, known.mask)}), 0.2, 2.0, np.random.default_rng(4)
    )
    moved = found.known["face"]
    assert torch.isfinite(moved.flow).all()
    assert not moved.flow[(moved.mask == 0).expand_as(moved.flow)].isnan().any() and moved.mask.mean() < 0.95
    still = move(
        Pairs(pairs.first, pairs.second, {"face": Known(flow, known.mask)}), 0.0, 0.0, np.random.default_rng(4)
    )
    for mask in still.known["face"].mask:  # at most mirrored
        torch.testing.assert_close(mask, known.mask[0])


def test_half_of_the_second_frames_drift_and_the_flow_with_them(pairs):
    found = move(pairs, 0.0, 5.0, np.random.default_rng(8))
    straight = move(pairs, 0.0, 0.0, np.random.default_rng(8))
    shifts = (found.known["face"].flow - straight.known["face"].flow).amax((2, 3)).norm(dim=1)
    assert torch.equal(found.first, straight.first) and 0 < (shifts > 0).sum() < 6 and shifts.max() <= 5
    for i in (shifts > 1).nonzero().flatten().tolist():
        first, second, flow = (
            np.ascontiguousarray(x[i].permute(1, 2, 0).numpy())
            for x in (found.first, found.second, found.known["face"].flow)
        )
        inner = slice(12, -12), slice(12, -12)
        off, still = (np.abs(first - x)[inner].mean() for x in (warp(second, flow), second))
        assert off < 0.35 * still


def test_other_sizes_are_filled_up_with_nothing_known(pairs):
    cut = Pairs(
        pairs.first[..., :50, :],
        pairs.second[..., :50, :],
        {"face": Known(*(x[..., :50, :] for x in vars(pairs.known["face"]).values()))},
    )
    found = filled_up(cut, 64)
    assert found.first.shape == pairs.first.shape
    for whole, part in ((found.first, cut.first), (found.second, cut.second)):
        assert torch.equal(whole[..., :50, :], part) and torch.equal(whole[..., 60, :], part[..., 49, :])
    known = found.known["face"]
    assert torch.equal(known.flow[..., :50, :], cut.known["face"].flow) and not known.mask[..., 50:, :].any()
    assert torch.equal(filled_up(pairs, 64).first, pairs.first)


def test_crops_are_the_same_place_of_frames_flows_and_masks():
    places = torch.arange(64 * 96).reshape(1, 1, 64, 96).float().expand(5, 3, 64, 96)
    pairs = Pairs(places, places + 1, {"face": Known(places[:, :2], places[:, :1])})
    cut = cropped(pairs, 32, np.random.default_rng(0))
    assert cut.first.shape == (5, 3, 32, 32) and len({float(corner) for corner in cut.first[:, 0, 0, 0]}) > 1
    assert torch.equal(cut.second, cut.first + 1)
    assert torch.equal(cut.known["face"].flow, cut.first[:, :2]) and torch.equal(
        cut.known["face"].mask, cut.first[:, :1]
    )
    assert torch.equal(cut.first[0, 0, 0] - cut.first[0, 0, 0, 0], torch.arange(32).float())
    assert cropped(pairs, 64, np.random.default_rng(0)) is pairs
