import math

import h5py
import numpy as np
import pytest
import torch
from synthetic import write_cache

from h2h.errors import UserError
from h2h.training.augmentation import transform
from h2h.training.clips import Person, draw_batch, draw_pictures, on_black
from h2h.training.window import covering_window, drawn_window, runs


@pytest.fixture(scope="module")
def caches(tmp_path_factory):
    folder = tmp_path_factory.mktemp("caches")
    return [write_cache(folder / f"{n}.h5", n, 40, 32, seed=i, cuts=(12, 25)) for i, n in enumerate("ab")]


def test_clips_are_what_the_file_holds(caches):
    person = Person(caches[0], gaze=True)
    clip = person.clip(5, 4)
    with h5py.File(caches[0]) as file:
        alpha = file["mask"][5:9][..., None] / 255.0
        wanted = (file["frames"][5:9] * alpha / 127.5 - 1).astype(np.float32)
        np.testing.assert_allclose(clip["frames"].permute(0, 2, 3, 1), wanted, atol=1e-5)
        np.testing.assert_allclose(clip["masks"][:, 0], alpha[..., 0], atol=1e-6)
        both = np.concatenate((file["nmfc"][5:9], file["gaze"][5:9]), -1) / 127.5 - 1
        np.testing.assert_allclose(clip["conditions"].permute(0, 2, 3, 1), both, atol=1e-5)
        np.testing.assert_array_equal(clip["flows"].permute(0, 2, 3, 1), file["flow"][5:8])
        np.testing.assert_array_equal(clip["mouths"], file["mouth"][5:9])
        for place, points in enumerate((slice(36, 48), slice(48, 68))):
            wanted = file["landmarks"][5:9, points].mean(1)
            np.testing.assert_allclose(clip["faces"][:, place], wanted, rtol=1e-6)
    assert Person(caches[0], gaze=False).clip(0, 2)["conditions"].shape == (2, 3, 32, 32)


def test_another_flow_is_read_from_beside_the_cache(caches, tmp_path):
    with h5py.File(tmp_path / "facial.a.h5", "w") as file:
        file["flow"] = np.random.default_rng(0).normal(0, 1, (40, 32, 32, 2)).astype(np.float16)
    own, other = Person(caches[0], gaze=False), Person(caches[0], gaze=False, flow=tmp_path / "facial.a.h5")
    one, two = own.clip(5, 4), other.clip(5, 4)
    with h5py.File(tmp_path / "facial.a.h5") as file:
        np.testing.assert_array_equal(two["flows"].permute(0, 2, 3, 1), file["flow"][5:8])
    assert all(torch.equal(one[key], two[key]) == (key != "flows") for key in one)
    with pytest.raises(UserError, match=r"b\.h5 cannot be read"):
        Person(caches[0], gaze=False, flow=tmp_path / "b.h5")


def test_clips_stay_in_the_training_split_and_in_one_segment(caches):
    person = Person(caches[0], gaze=False)
    assert person.last == 30 and person.runs == [(0, 12), (12, 25), (25, 30)]
    rng = np.random.default_rng(0)
    starts = {person.start(5, rng) for _ in range(600)}
    assert starts == {*range(8), *range(12, 21), 25}  # all of them, and none across a cut or into the test split


def test_untracked_frames_are_no_clips(tmp_path):
    path = write_cache(tmp_path / "a.h5", "a", 40, 32)
    with h5py.File(path, "r+") as file:
        file["tracked"][10:12] = False
    assert Person(path, False).runs == [(0, 10), (12, 30)]


def test_batches_are_reproducible_and_mix_people(caches):
    people = [Person(path, gaze=True) for path in caches]
    one, two, other = (draw_batch(people, 2, 4, np.random.default_rng(s), 0.05) for s in (1, 1, 2))
    assert sorted(one.person.tolist()) == [0, 1]
    for key, value in vars(one).items():
        assert torch.equal(value, getattr(two, key)), key
    assert not torch.equal(one.frames, other.frames)
    assert one.flows.shape == (2, 3, 2, 32, 32) and one.frames.shape == (2, 4, 3, 32, 32)
    assert draw_batch(people[:1], 3, 4, np.random.default_rng(0)).person.tolist() == [0, 0, 0]


def test_shares_of_a_batch_are_its_parts(caches):
    """Two processes see together what one would see."""
    people = [Person(path, gaze=True) for path in caches]
    whole, first, second = (
        draw_batch(people, 4, 4, np.random.default_rng(5), 0.05, share) for share in (None, range(2), range(2, 4))
    )
    for key, value in vars(whole).items():
        assert torch.equal(value, torch.cat((getattr(first, key), getattr(second, key)))), key
    shown, a, b = (
        draw_pictures(people, part.person.tolist(), 2, 4, np.random.default_rng(6), share)
        for part, share in ((whole, None), (first, range(2)), (second, range(2, 4)))
    )
    assert torch.equal(shown, torch.cat((a, b)))


def test_pictures_for_the_embedder(caches):
    people = [Person(path, gaze=False) for path in caches]
    shown = draw_pictures(people, [1, 0], 3, 2, np.random.default_rng(0))
    assert shown.shape == (2, 3, 3, 32, 32)
    own = [{tuple(p.pictures([t]).flatten()[::97].tolist()) for t in range(p.first, p.last)} for p in people]
    for b, i in enumerate((1, 0)):
        assert all(tuple(picture.flatten()[::97].tolist()) in own[i] for picture in shown[b])


def test_the_embedders_pictures_are_drawn_one_by_one(caches):
    """FS eq. 4 averages M random frames: not one frame M times, and not M neighbours."""
    people = [Person(path, gaze=False) for path in caches]
    shown = draw_pictures(people, [0, 1], 40, 2, np.random.default_rng(0))
    for person, pictures in zip(people, shown, strict=True):
        every = person.pictures(range(person.first, person.last))
        drawn = (pictures[:, None] - every).abs().amax((2, 3, 4)).argmin(1)
        assert len(drawn.unique()) > 15 and len(drawn.diff().unique()) > 10  # 40 of 30 frames: 22 different on average


def test_background_is_black():
    frame, alpha = on_black(np.full((1, 2, 2, 3), 200, np.uint8), np.array([[[0, 255], [51, 0]]], np.uint8))
    torch.testing.assert_close(alpha[0, 0], torch.tensor([[0.0, 1.0], [0.2, 0.0]]))
    torch.testing.assert_close(frame[0, 0], torch.tensor([[-1.0, 200 / 127.5 - 1], [40 / 127.5 - 1, -1.0]]))


def test_transform_moves_everything_alike(caches):
    clip = Person(caches[0], gaze=True).clip(0, 4)
    moved = transform(clip, 1.0, torch.tensor([4 / 32, -2 / 32]))
    for key in ("frames", "masks", "conditions", "flows"):
        torch.testing.assert_close(moved[key][..., :30, 4:], clip[key][..., 2:, :28], atol=1e-4, rtol=1e-4)
    for key in ("mouths", "faces"):
        torch.testing.assert_close(moved[key], clip[key] + torch.tensor([4 / 32, -2 / 32]))
    torch.testing.assert_close(moved["frames"][..., 31, 4:], clip["frames"][..., 31, :28], atol=1e-4, rtol=1e-4)


def test_turn_moves_pictures_points_and_flow_alike(caches):
    clip = Person(caches[0], gaze=True).clip(0, 4)
    clip["flows"] = torch.zeros_like(clip["flows"])
    clip["flows"][:, 0] = 2.0  # to the right
    turned = transform(clip, 1.0, torch.zeros(2), turn=math.pi / 2)
    torch.testing.assert_close(turned["frames"], clip["frames"].rot90(-1, (-2, -1)), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(turned["flows"][:, 1], clip["flows"][:, 0])  # now downwards
    assert turned["flows"][:, 0].abs().max() < 1e-5
    for key in ("mouths", "faces"):
        x, y = (clip[key] - 0.5).unbind(-1)
        torch.testing.assert_close(turned[key], 0.5 + torch.stack((-y, x), -1))


def test_zoom_scales_flow_and_positions(caches):
    clip = Person(caches[0], gaze=True).clip(0, 4)
    clip["flows"] = torch.ones_like(clip["flows"])
    zoomed = transform(clip, 1.25, torch.zeros(2))
    assert float(zoomed["flows"][0, 0, 16, 16]) == pytest.approx(1.25, abs=1e-5)
    torch.testing.assert_close(zoomed["mouths"], 0.5 + 1.25 * (clip["mouths"] - 0.5))
    centre = (clip["masks"][0, 0].nonzero().float().mean(0) + 0.5) / 32
    after = (zoomed["masks"][0, 0].round().nonzero().float().mean(0) + 0.5) / 32
    torch.testing.assert_close(after, 0.5 + 1.25 * (centre - 0.5), atol=0.02, rtol=0)


def test_runs():
    segment, usable = np.array([0, 0, 0, 1, 1, 1, 1]), np.array([1, 1, 1, 1, 0, 1, 1], bool)
    assert runs(segment) == [(0, 3), (3, 7)]
    assert runs(segment, usable) == [(0, 3), (3, 4), (5, 7)]
    assert runs(np.array([], int)) == []


def test_drawn_window_is_fixed_by_person_and_seed_and_prefers_one_segment():
    segment = np.repeat([0, 1, 2], [40, 70, 40])
    starts = {drawn_window(50, segment, seed, "a") for seed in range(300)}
    assert starts == set(range(40, 61))  # only segment 1 is long enough
    assert drawn_window(50, segment, 3, "a") == drawn_window(50, segment, 3, "a")
    assert len({drawn_window(50, np.zeros(900, int), 1, n) for n in ("a", "b", "c", "d")}) > 1
    cut = np.repeat(np.arange(15), 10)
    assert all(0 <= drawn_window(50, cut, seed) <= 100 for seed in range(50))
    assert drawn_window(50, segment[:30], 1) == 0
    assert drawn_window(50, segment[:50], 1) == 0


def faces(openings: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Landmarks (T, 68, 2) whose lower half drops by `openings` (T,), at random places and sizes."""
    shape = np.random.default_rng(0).uniform(0, 1, (68, 2))
    points = np.repeat(shape[None], len(openings), 0)
    points[:, 34:, 1] += openings[:, None]
    return (points * rng.uniform(0.5, 2, (len(points), 1, 1)) + rng.uniform(-3, 3, (len(points), 1, 2))).astype("f4")


def test_covering_window_shows_what_the_whole_split_shows():
    rng = np.random.default_rng(1)
    openings = np.zeros(120)
    openings[70:90] = np.linspace(0, 1, 20)  # the mouth opens here, and later stays as open
    openings[90:] = 1.0
    points, segment = faces(openings, rng), np.zeros(120, int)
    first = covering_window(20, segment, points, np.ones(120, bool))
    assert 68 <= first <= 72
    # as slow and plain: for each start the mean distance of all frames to their nearest in the run
    flat = points - points.mean(1, keepdims=True)
    flat = (flat / np.linalg.norm(flat, axis=(1, 2), keepdims=True)).reshape(120, -1)
    apart = np.linalg.norm(flat[:, None] - flat[None], axis=-1)
    assert first == np.argmin([apart[:, a : a + 20].min(1).mean() for a in range(101)])


def test_covering_window_avoids_cuts_and_lost_frames():
    openings = np.zeros(120)
    openings[50:70] = np.linspace(0, 1, 20)
    points, whole, tracked = faces(openings, np.random.default_rng(1)), np.zeros(120, int), np.ones(120, bool)
    cut = np.repeat([0, 1], [60, 60])
    first = covering_window(20, cut, points, tracked)
    assert first + 20 <= 60 or first >= 60
    tracked[60] = False
    first = covering_window(20, whole, points, tracked)
    assert first + 20 <= 60 or first > 60
    assert covering_window(20, whole, points, np.zeros(120, bool)) in range(101)  # nothing tracked: still an answer
    assert covering_window(200, whole, points, tracked) == 0


def test_long_clips_come_from_those_who_have_them(tmp_path):
    """Where clips grow, people whose runs are short stay with the others' numbers."""
    short = Person(write_cache(tmp_path / "short.h5", "short", 40, 32, cuts=(10, 20)), False)
    long = Person(write_cache(tmp_path / "long.h5", "long", 40, 32), False)
    batch = draw_batch([short, long], 3, 20, np.random.default_rng(0))
    assert batch.person.tolist() == [1, 1, 1] and batch.frames.shape[1] == 20
    assert set(draw_batch([short, long], 2, 8, np.random.default_rng(0)).person.tolist()) == {0, 1}
