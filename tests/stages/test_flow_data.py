import json
from dataclasses import replace
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scans import CALIBRATION, SIZE, STEP, ball, moved, rewrite_mesh, texture, write_ball

from h2h.commands.flow_generate import command
from h2h.config.flow_learning import FlowData
from h2h.errors import UserError
from h2h.flow_data import stand_in
from h2h.io.calibration import write_calibration
from h2h.io.flo import write_flo
from h2h.io.scan_folder import find_sequences
from h2h.stages import flow_data
from h2h.stages.scan_check import check_collection
from h2h.stages.scan_pairs import chosen_pairs, sequence_pairs
from h2h.stages.stand_in_folder import read_backgrounds, split_photographs, write_stand_in
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import load_head_model, save_head_model

TOLERANCE = 0.75


def settings(size=32, **changes):
    values = {"subjects": 2, "held_out": 1, "sequences": 1, "frames": 3, "supersample": 1, "tolerance": TOLERANCE}
    values["backgrounds"] = ["ann", "bea"]
    section = FlowData(**({"source": "synthetic"} | values | changes))
    return SimpleNamespace(flow_data=section, image=SimpleNamespace(size=size), seed=1)


def pairs_of(folder, size=SIZE):
    (sequence,) = find_sequences(folder)
    return list(sequence_pairs(sequence, size, TOLERANCE))


def test_pairs_of_a_moving_ball(tmp_path):
    write_ball(tmp_path / "ann" / "talk")
    pairs = pairs_of(tmp_path)
    assert [pair.number for pair in pairs] == [0, 1]
    for pair in pairs:
        assert pair.first.shape == (SIZE, SIZE, 3) and pair.flow.dtype == np.float32
        assert pair.face.sum() > 400 and (pair.first[pair.background] == 90).all() and not pair.true_background.any()
        front = pair.face & (np.abs(pair.flow[..., 1]) < 0.5)
        assert 70 * STEP / 300 - 0.1 < pair.flow[front, 0].mean() < 70 * STEP / 240 + 0.1
        assert (~pair.face & ~pair.background).sum() < 0.05 * pair.face.sum()  # little turns away


def test_larger_pictures_are_cropped_and_distorted_ones_straightened(tmp_path):
    """The same scene in a picture of 100 x 80 px: the ball is in the crop, and the flow in the crop's pixels."""
    matrix = np.array([[140.0, 0, 49.5], [0, 140, 39.5], [0, 0, 1]])
    write_ball(
        tmp_path / "a" / "ann" / "talk", calibration=replace(CALIBRATION, width=100, height=80, intrinsics=matrix)
    )
    small, whole = pairs_of(tmp_path / "a", 40)[0], pairs_of(tmp_path / "a", 80)[0]
    assert small.first.shape == (40, 40, 3) and 0.2 < small.face.mean() < 0.7
    np.testing.assert_allclose(whole.flow[whole.face].mean(axis=0) / 2, small.flow[small.face].mean(axis=0), atol=0.1)
    np.testing.assert_array_equal(small.first[~small.face & small.background][:20], 90)
    lens = replace(CALIBRATION, distortion=np.array([-0.2, 0, 0, 0, 0]))
    write_ball(tmp_path / "b" / "ann" / "talk")
    write_calibration(tmp_path / "b" / "ann" / "talk" / "calibration.json", lens)
    bent, straight = pairs_of(tmp_path / "b")[0], pairs_of(tmp_path / "a", SIZE)[0]
    assert (bent.first != 90).any(axis=2).sum() > 1.02 * (
        ~bent.background
    ).sum()  # the picture changed, the scan did not
    assert straight.first.shape == bent.first.shape


def test_the_true_background_is_cropped_and_scaled_with_the_picture(tmp_path):
    """Pictures that say where each pixel was, and a flow that grows with the place: in the crop they agree."""
    matrix = np.array([[140.0, 0, 49.5], [0, 140, 39.5], [0, 0, 1]])
    folder = tmp_path / "ann" / "talk"
    write_ball(folder, calibration=replace(CALIBRATION, width=100, height=80, intrinsics=matrix))
    y, x = np.mgrid[:80, :100].astype(np.float32)
    for i in range(3):
        Image.fromarray(np.stack([2 * x, 2 * y, 0 * x], -1).astype(np.uint8)).save(folder / "images" / f"{i:06d}.png")
    for path in (folder / "true_background").iterdir():
        write_flo(path, np.stack([0.1 * x, 3 - 0.2 * y], -1))
    pair = pairs_of(tmp_path, 40)[0]
    at_x, at_y = pair.first[..., 0] / 2, pair.first[..., 1] / 2
    assert at_x.max() - at_x.min() == at_y.max() - at_y.min() == pytest.approx(78, abs=0.5)  # 40 pixels of 2 x 2 px
    assert at_x.min() > 5  # the ball is on the right of the middle, and the crop with it
    wanted = np.stack([0.1 * at_x, 3 - 0.2 * at_y], -1) / 2
    np.testing.assert_allclose(pair.true_background, wanted, atol=0.06)  # half a grey level
    assert np.abs(np.diff(pair.true_background[..., 0], axis=1) - 0.1).max() < 1e-3


def test_a_ball_that_crosses_the_picture_is_whole_in_every_crop(tmp_path):
    matrix = np.array([[140.0, 0, 99.5], [0, 140, 49.5], [0, 0, 1]])
    far = replace(CALIBRATION, width=200, height=100, intrinsics=matrix, translation=np.array([0.0, 0, 900]))
    write_ball(tmp_path / "ann" / "talk", frames=10, calibration=far)
    covered = [~pair.background for pair in pairs_of(tmp_path, 64)]
    assert len(covered) == 9
    for mask in covered:
        assert mask.sum() == pytest.approx(covered[0].sum(), rel=0.1) and mask.any()
        assert not (mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


def test_textures_make_pictures_where_there_are_no_images(tmp_path):
    write_ball(tmp_path / "ann" / "talk")
    seen = pairs_of(tmp_path)[0]
    folder = tmp_path / "ann" / "talk"
    (folder / "images").rename(folder / "textures")
    for i in range(3):
        Image.fromarray(texture()).save(folder / "textures" / f"{i:06d}.png")
        mesh = moved(ball(), i)
        lines = [f"v {x} {y} {z}" for x, y, z in mesh.vertices]
        lines += [f"vt {u} {v}" for u, v in mesh.texture.reshape(-1, 2)]
        lines += [
            "f " + " ".join(f"{c + 1}/{3 * t + k + 1}" for k, c in enumerate(row))
            for t, row in enumerate(mesh.triangles)
        ]
        (folder / "scans" / f"{i:06d}.ply").unlink()
        (folder / "scans" / f"{i:06d}.obj").write_text("\n".join(lines))
    drawn = pairs_of(tmp_path)[0]
    np.testing.assert_array_equal(drawn.face, seen.face)
    assert np.abs(drawn.first.astype(int) - seen.first)[seen.face].max() <= 1
    assert not drawn.background.any()  # nothing was photographed there


def test_a_registered_template_is_followed_where_scans_have_their_own_topology(tmp_path):
    write_ball(tmp_path / "ann" / "talk")
    wanted = pairs_of(tmp_path)[0]
    folder = tmp_path / "ann" / "talk"
    (folder / "scans").rename(folder / "registered")
    (folder / "scans").mkdir()
    for i in range(3):
        rewrite_mesh(folder / "scans" / f"{i:06d}.ply", moved(ball(rings=40 + i, around=60 - i), i))
    found = pairs_of(tmp_path)[0]
    both = found.face & wanted.face
    assert both.sum() > 0.75 * wanted.face.sum() and not (found.face & ~wanted.face).any()
    np.testing.assert_allclose(found.flow[both], wanted.flow[both])


def half_missing(mesh):
    """The ball without its half on the right."""
    x = mesh.vertices[:, 0]
    right = (x[mesh.triangles] > (x.min() + x.max()) / 2 + 1).any(1)
    return replace(mesh, triangles=mesh.triangles[~right], texture=None)


def pushed_back(mesh):
    """The ball 30 mm behind its place."""
    return replace(mesh, vertices=mesh.vertices + np.array([0, 0, 30], np.float32))


@pytest.mark.parametrize(("recorded", "left_half"), [(half_missing, True), (pushed_back, False)])
def test_a_template_counts_only_where_the_raw_scan_confirms_it(tmp_path, recorded, left_half):
    folder = tmp_path / "ann" / "talk"
    write_ball(folder)
    wanted, middle = pairs_of(tmp_path)[0], SIZE // 2
    (folder / "scans").rename(folder / "registered")
    (folder / "scans").mkdir()
    for i in range(3):
        rewrite_mesh(folder / "scans" / f"{i:06d}.ply", recorded(moved(ball(), i)))
    found = pairs_of(tmp_path)[0]
    assert wanted.face[:, : middle - 2].sum() > 150 and wanted.face[:, middle + 2 :].sum() > 150
    assert not found.face[:, middle + 2 :].any()
    assert found.face[:, : middle - 2].any() == left_half
    if left_half:
        assert found.face[:, : middle - 2].sum() > 0.7 * wanted.face[:, : middle - 2].sum()


def test_of_long_sequences_few_pairs_are_packed_from_begin_to_end(tmp_path):
    for subject in ("ann", "bea"):
        write_ball(tmp_path / "scans" / subject / "a", frames=5)
    out = tmp_path / "flow_data.h5"
    cfg = settings(SIZE, source=str(tmp_path / "scans"), subjects=1, frames=3)
    assert flow_data.run("flow_data", out, cfg, **no_inputs())["pairs"] == 4
    with h5py.File(out) as file:
        np.testing.assert_array_equal(file["frame"][:], [0, 3, 0, 3])


def test_a_recorded_collection_is_packed_with_its_last_subjects_held_out(tmp_path):
    for subject in ("ann", "bea", "cyd", "dan"):
        for sequence in ("a", "b"):
            write_ball(tmp_path / "scans" / subject / sequence)
    out = tmp_path / "flow_data.h5"
    summary = flow_data.run("flow_data", out, settings(SIZE, source=str(tmp_path / "scans"), subjects=2), **no_inputs())
    assert summary["pairs"] == 6 and summary["subjects"] == 2 and summary["held_out"] == 1
    with h5py.File(out) as file:
        assert json.loads(file.attrs["subjects"]) == ["ann", "bea", "dan"]
        assert json.loads(file.attrs["sequences"]) == ["ann/a", "bea/a", "dan/a"]
        np.testing.assert_array_equal(file["subject"][:], [0, 0, 1, 1, 2, 2])
        np.testing.assert_array_equal(file["held_out"][:], [False] * 4 + [True] * 2)
        np.testing.assert_array_equal(file["frame"][:], [0, 1] * 3)
        shapes = {key: (value.shape, value.dtype.str) for key, value in file.items() if value.ndim > 1}
    square = (6, SIZE, SIZE)
    assert shapes == {
        "first": ((*square, 3), "|u1"), "second": ((*square, 3), "|u1"), "flow": ((*square, 2), "<f2"),
        "face": (square, "|b1"), "background": (square, "|b1"), "true_background": ((*square, 2), "<f2"),
    }  # fmt: skip


def test_faulty_collections_and_too_few_subjects_are_refused(tmp_path):
    write_ball(tmp_path / "scans" / "ann" / "a")
    with pytest.raises(UserError, match=r"with sequences in .*: 1, of which flow_data\.held_out takes 1"):
        flow_data.run("flow_data", tmp_path / "o.h5", settings(source=str(tmp_path / "scans")), **no_inputs())
    write_ball(tmp_path / "scans" / "bea" / "a")
    (tmp_path / "scans" / "bea" / "a" / "calibration.json").unlink()
    with pytest.raises(UserError, match=r"faults in .*: 1\n  bea/a: there is no calibration.json"):
        flow_data.run("flow_data", tmp_path / "o.h5", settings(source=str(tmp_path / "scans")), **no_inputs())
    assert not (tmp_path / "o.h5").exists()


def no_inputs():
    return {"head_model": None, "frames": [], "matting": []}


@pytest.fixture(scope="module")
def head_model(tmp_path_factory):
    path = tmp_path_factory.mktemp("head") / "head_model.h5"
    save_head_model(build_anny_head(samples=200, identity=6, expression=12, seed=1), path)
    return path


def test_a_folder_of_synthetic_scans_has_no_fault_and_is_not_written_over(head_model, tmp_path):
    arguments = [str(tmp_path / "new"), "--head-model", str(head_model)]
    arguments += ["--subjects", "1", "--frames", "2", "--size", "32"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0 and "subjects: 1, sequences of each: 1, frames of each: 2" in result.output
    assert list(check_collection(tmp_path / "new")) == []
    assert len(pairs_of(tmp_path / "new", 32)) == 1
    again = CliRunner().invoke(command, arguments)
    assert isinstance(again.exception, UserError) and "is there already" in str(again.exception)


def test_the_synthetic_stand_in_goes_the_same_way_and_is_the_same_again(head_model, tmp_path):
    inputs = people(tmp_path) | {"head_model": head_model}
    summary = flow_data.run("flow_data", tmp_path / "a.h5", settings(), **inputs)
    assert summary["pairs"] == 6 and 0.1 < summary["face"] < 0.6 and summary["face_px"]["train"] > 0
    flow_data.run("flow_data", tmp_path / "b.h5", settings(), **inputs)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    assert not list(tmp_path.glob(".scans*"))
    with h5py.File(tmp_path / "a.h5") as file:
        assert file.attrs["source"] == "synthetic" and np.isfinite(file["true_background"][:].astype(float)).all()
        face, background = file["face"][:], file["background"][:]
        assert not (face & background).any() and ((face | background).mean(axis=(1, 2)) > 0.9).all()
        assert not file["flow"][:][~face].any()


def test_held_out_subjects_are_before_photographs_that_no_other_is_seen_before(head_model, tmp_path, monkeypatch):
    monkeypatch.setattr(stand_in, "PHOTOGRAPHS", 1.0)  # behind everybody
    walls = [np.full((48, 48, 3), colour, np.uint8) for colour in ((230, 0, 0), (0, 230, 0))]
    counts = {"subjects": 3, "held_out": 2, "sequences": 1, "frames": 2}
    write_stand_in(tmp_path / "s", load_head_model(head_model), walls, **counts, size=32, supersample=1, seed=1)
    redder = []
    for sequence in find_sequences(tmp_path / "s"):
        for path in sequence.files["images"].values():
            top = np.asarray(Image.open(path)).astype(int)[:8]
            red, green = ((top[..., c] > top[..., 1 - c] + 120).sum() for c in (0, 1))
            assert red + green > 60 and min(red, green) == 0  # 256 pixels, some of them hair
            redder.append(bool(red))
    assert len(redder) == 10 and len(set(redder[:6])) == len(set(redder[6:])) == 1 and redder[0] != redder[-1]


def people(folder):
    """Artifacts of the stages frames and matting: two people before coloured walls."""
    lists = {"frames": [], "matting": []}
    for name, colour in (("ann", (200, 30, 30)), ("bea", (30, 30, 200))):
        for stage in lists:
            (folder / stage).mkdir(exist_ok=True)
            lists[stage].append(folder / stage / f"{name}.h5")
        with h5py.File(folder / "frames" / f"{name}.h5", "w") as file:
            file["frames"] = np.full((4, 32, 32, 3), colour, np.uint8)
            file["frames"][:, 8:, 10:20] = 255
        with h5py.File(folder / "matting" / f"{name}.h5", "w") as file:
            file["mask"] = np.zeros((4, 16, 16), np.uint8)
            file["mask"][:, 4:, 5:10] = 255
    return lists


def test_backgrounds_are_without_people_and_none_is_shared_with_the_held_out(tmp_path):
    found = read_backgrounds(**{"frames": people(tmp_path)["frames"], "masks": people(tmp_path)["matting"]})
    assert len(found) == 2 and found[0].shape == (32, 32, 3)
    assert np.abs(found[0].astype(int) - (200, 30, 30)).max() < 8  # what was never seen is filled in
    for count in range(6):
        train, held_out = split_photographs([np.full(1, i) for i in range(count)], 0.2, 3)
        assert sorted(int(p[0]) for p in train + held_out) == list(range(count))
        assert len(held_out) == (1 if count > 1 else 0)


def test_a_persons_looks_tell_nothing_of_camera_motion_or_light(monkeypatch, head_model, tmp_path):
    """To NumPy the seeds [1, 5] and [1, 5, 0] are the same: people once had the camera that their shape drew."""
    seen = []
    monkeypatch.setattr(
        "h2h.stages.stand_in_folder.render_sequence",
        lambda model, subject, camera, place, *rest: seen.append((subject, camera, place, rest[-1])) or [],
    )
    monkeypatch.setattr("h2h.stages.stand_in_folder.write_sequence", lambda *_: None)
    numbers = {"frames": 2, "size": 64, "supersample": 1}
    write_stand_in(tmp_path, load_head_model(head_model), [], subjects=140, held_out=10, sequences=1, **numbers, seed=1)
    looks = np.array([subject.identity[:6] for subject, *_ in seen])
    scenes = np.array(
        [
            (*camera.matrix[:2, 2], camera.matrix[0, 0], *camera.translation, *place, *rng.standard_normal(6))
            for _, camera, place, rng in seen
        ]
    )
    related = np.corrcoef(looks.T, scenes.T)[: looks.shape[1], looks.shape[1] :]
    assert len(seen) == 150 and np.abs(related).max() < 0.4


def test_pairs_are_spread_over_a_long_sequence(tmp_path, head_model):
    """Recorded sequences begin and end at rest."""
    numbers = {"subjects": 1, "held_out": 1, "sequences": 1, "frames": 7, "size": 64, "supersample": 1}
    write_stand_in(tmp_path, load_head_model(head_model), [], **numbers, seed=1)
    (sequence, *_) = find_sequences(tmp_path)
    assert chosen_pairs(sequence, None) == [0, 1, 2, 3, 4, 5] == chosen_pairs(sequence, 9)
    assert chosen_pairs(sequence, 3) == [0, 2, 5] and chosen_pairs(sequence, 1) == [0]
    assert [pair.number for pair in sequence_pairs(sequence, 64, 0.75, 2)] == [0, 5]
