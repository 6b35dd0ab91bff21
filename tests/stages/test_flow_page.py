"""The report's part about flow: films, and the errors of the networks where they are trained."""

import sys
from pathlib import Path

import av
import h5py
import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from synthetic import write_cache

from h2h.evaluation.flow_error import no_flow
from h2h.evaluation.flow_pictures import BACKGROUND, FACE, HIDDEN, SIDE, flow_frames, wheel
from h2h.evaluation.photometric_error import photometric_error
from h2h.flow.colour_wheel import flow_to_colours
from h2h.flow.dis import DisFlow
from h2h.flow.flownet_weights import save_flownet
from h2h.flow.variants import build_flownet
from h2h.flow_training.start import start
from h2h.flow_training.textures import procedural_textures
from h2h.io.cards import write_card
from h2h.io.h5 import reading
from h2h.stages.flow_film import write_flow_film
from h2h.stages.flow_page import facial_flow, flow_estimators, flow_truth


@pytest.fixture
def work(tmp_path):
    write_cache(tmp_path / "work/cache/ann.h5", "ann", 9, 64, cuts=(4,))
    (tmp_path / "media").mkdir()
    return tmp_path / "work"


def train(work):
    torch.manual_seed(0)
    network = build_flownet("s", 0.05)
    start(network)  # says that nothing moves
    for stage in ("flow_pretrain", "flow_finetune"):
        (work / stage).mkdir()
        path = work / stage / "flownet2.safetensors"
        save_flownet(path, network, "s", 0.05)
        write_card(path, stage, "flownet2", {"end_point_error": {"dis": {"all": 0.5, "face": 0.25}}})


def decoded(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_without_networks_the_film_shows_the_flow_that_trainings_read(work):
    assert flow_estimators(work) == {} and facial_flow(["ann"], work, {}) is None
    with reading(work / "cache/ann.h5") as cache:
        write_flow_film(cache, {}, work.parent / "media/flow_ann.mp4")
    film = decoded(work.parent / "media/flow_ann.mp4")
    assert len(film) == 8 and film[0].shape == (SIDE, 2 * SIDE, 3)
    with reading(work / "cache/ann.h5") as cache:
        moving = cache["mask"][0] > 0
    ((y, x), (v, u)) = (np.argwhere(where)[where.sum() // 2] * SIDE // 64 for where in (moving, ~moving))
    assert film[0][v, SIDE + u].min() > 235  # what stands still is white
    assert film[0][y, SIDE + x].min() < film[0][v, SIDE + u].min() - 30


def test_with_networks_there_are_errors_of_all_flows(work):
    train(work)
    estimators = flow_estimators(work)
    found = facial_flow(["ann"], work, estimators)
    assert found["shapes"] == found["faces"] == {"dis": {"all": 0.5, "face": 0.25}}
    errors = found["photometric"]["ann"]
    with reading(work / "cache/ann.h5") as cache:
        usable = [i for i in range(8) if i != 3]  # a cut lies after frame 3
        frames, face = cache["frames"][:], cache["nmfc"][:].any(-1)
        wanted = [photometric_error(frames[i], frames[i + 1], no_flow(frames[i], frames[i]), face[i]) for i in usable]
    assert errors["zero"] == pytest.approx(np.mean(wanted), abs=1e-3)
    assert errors["original"] == errors["facial"] == errors["zero"] and errors["dis"] < errors["zero"]
    with reading(work / "cache/ann.h5") as cache:
        write_flow_film(cache, estimators, work.parent / "media/flow_ann.mp4")
    assert decoded(work.parent / "media/flow_ann.mp4")[0].shape == (SIDE, 4 * SIDE, 3)


def test_each_network_and_card_goes_by_its_own_name(work):
    """The original network is that of flow_pretrain, whose card is of shapes; the facial one is of flow_finetune."""
    torch.manual_seed(0)
    network = build_flownet("s", 0.05)
    start(network)  # says that nothing moves
    for stage, part in (("flow_pretrain", "all"), ("flow_finetune", "face")):
        path = work / stage / "flownet2.safetensors"
        path.parent.mkdir()
        save_flownet(path, network, "s", 0.05)
        write_card(path, stage, "flownet2", {"end_point_error": {"dis": {part: 0.5}}})
        torch.nn.init.normal_(network.predict_flow2.weight, std=0.05)  # from now on it says something
    estimators, frame = flow_estimators(work), np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    assert not estimators["original"](frame, frame).any() and estimators["facial"](frame, frame).any()
    found = facial_flow([], work, estimators)
    assert (found["shapes"], found["faces"]) == ({"dis": {"all": 0.5}}, {"dis": {"face": 0.5}})


def test_the_film_shows_where_each_frame_goes_to(tmp_path):
    """Everything moves 2 px to the right, and the estimated column has the wheel's colour of that."""
    wide = procedural_textures(5, 1, side=160)[0]
    with h5py.File(tmp_path / "cache.h5", "w") as cache:
        cache["frames"] = np.stack([wide[:64, 40 - 2 * i : 104 - 2 * i] for i in range(4)])
        cache["flow"] = np.full((4, 64, 64, 2), [2, 0], np.float16)
        cache["flow_valid"] = np.array([True, True, True, False])
        cache.attrs["fps"] = 20.0
        write_flow_film(cache, {"dis": DisFlow("medium")}, tmp_path / "film.mp4")
    right, left = (flow_to_colours(np.array([[[u, 0.0]]]), 2.0)[0, 0].astype(int) for u in (2.0, -2.0))
    assert np.abs(right - left).max() > 100
    film = decoded(tmp_path / "film.mp4")
    assert len(film) == 3
    for picture in film:
        inner = picture[SIDE // 4 : -SIDE // 4, SIDE + SIDE // 4 : -SIDE // 4]
        assert np.abs(np.median(inner, axis=(0, 1)) - right).max() < 30


def test_frames_and_the_wheel_have_the_colours_of_their_flows():
    frame, flow = np.full((16, 16, 3), 90, np.uint8), np.full((16, 16, 2), [0.0, 1.5], np.float16)
    (picture,) = flow_frames([frame], [[flow, 0 * flow]], largest=2.0)
    assert (
        picture.shape == (SIDE, 3 * SIDE, 3)
        and (picture[:, :SIDE] == 90).all()
        and (picture[:, 2 * SIDE :] == 255).all()
    )
    np.testing.assert_array_equal(picture[5, SIDE + 5], flow_to_colours(flow[:1, :1].astype(np.float32), 2.0)[0, 0])
    drawn = wheel(65)
    down = flow_to_colours(np.array([[[0.0, 1.0]]]), 1.0)[0, 0]
    assert (drawn[32, 32] == 255).all() and (drawn[0, 0] == 255).all()
    np.testing.assert_allclose(drawn[64, 32].astype(int), down, atol=8)


def test_a_flow_is_black_where_it_is_not_known():
    flow, known = np.full((16, 16, 2), 1.0), np.zeros((16, 16), bool)
    known[:8] = True
    (picture,) = flow_frames([np.zeros((16, 16, 3), np.uint8)], [[flow]], 2.0, [[known]])
    assert picture[: SIDE // 2 - 16, SIDE:].any(-1).all() and not picture[SIDE // 2 + 16 :, SIDE:].any()


def test_films_are_black_at_cuts_and_where_the_flow_back_disagrees(work):
    def one_way(first, second):
        """To the right by 3 px there, and nowhere back: the two cannot both be true in the left half."""
        flow = np.zeros((*first.shape[:2], 2), np.float32)
        flow[:, :32, 0] = 3.0 if (first.astype(int).sum() <= second.astype(int).sum()) else 0.0
        return flow

    with reading(work / "cache/ann.h5") as cache:
        write_flow_film(cache, {"one_way": one_way}, work.parent / "media/flow_ann.mp4")
        sums = cache["frames"][:].astype(int).sum((1, 2, 3))
    film = decoded(work.parent / "media/flow_ann.mp4")
    left, right = slice(SIDE + 8, SIDE + SIDE // 4), slice(SIDE + 3 * SIDE // 4, None)
    for i, picture in enumerate(film):
        if i == 3:  # a cut lies after it
            assert picture[:, SIDE + 8 :].max() < 40
        else:
            disagree = sums[i] != sums[i + 1]
            assert (picture[:, left].max() < 60) == disagree and picture[:, right].min() > 200


def test_the_sheet_of_held_out_people_shows_masks_truth_and_estimates(tmp_path):
    size, count = 16, 6
    data = {
        "first": np.full((count, size, size, 3), 100, np.uint8),
        "second": np.full((count, size, size, 3), 120, np.uint8),
        "flow": np.zeros((count, size, size, 2), np.float16),
        "face": np.zeros((count, size, size), bool),
        "background": np.zeros((count, size, size), bool),
        "subject": np.array([0, 0, 1, 1, 2, 2], np.int32),
        "held_out": np.array([0, 0, 1, 1, 1, 1], bool),
    }
    data["face"][:, 4:12, 4:12] = True
    data["background"][:, :2] = True
    data["flow"][3, 4:12, 4:12] = (2, 0)
    data["flow"][4, 4:12, 4:12] = (0, 2)
    data["flow"][:2, 4:12, 4:12] = (-9, 0)  # of somebody whom the training saw
    with h5py.File(tmp_path / "flow_data.h5", "w") as file:
        for key, values in data.items():
            file[key] = values
    asked = []

    def still(first, second):
        asked.append((int(first[0, 0, 0]), int(second[0, 0, 0])))
        return np.zeros((size, size, 2), np.float32)

    sheet = flow_truth(tmp_path / "flow_data.h5", {"still": still})
    assert sheet.shape == (2 * SIDE, 5 * SIDE, 3) and asked == [(100, 120)] * 2
    middle, top, left = SIDE // 2, 8, 8
    for row, motion in enumerate(((2, 0), (0, 2))):
        y = row * SIDE
        assert (sheet[y + 5, 5] == 100).all() and (sheet[y + 5, SIDE + 5] == 120).all()
        for at, colour in (((middle, middle), FACE), ((top, middle), BACKGROUND), ((middle, left), HIDDEN)):
            expected = (50 + np.array(colour) * 0.5).astype(int)
            np.testing.assert_allclose(sheet[y + at[0], 2 * SIDE + at[1]].astype(int), expected, atol=1)
        wanted = flow_to_colours(np.array([[motion]], np.float32), 2.0)[0, 0]
        np.testing.assert_array_equal(sheet[y + middle, 3 * SIDE + middle], wanted)
        assert not sheet[y + top, 3 * SIDE + middle].any()
        assert (sheet[y : y + SIDE, 4 * SIDE :] == 255).all()  # the estimate: nothing moves
    assert flow_truth(tmp_path / "nothing.h5", {}) is None
