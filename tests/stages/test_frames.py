"""The frames stage on real faces and on everything that people put into a folder by mistake."""

import json
import subprocess
import sys

import cv2
import h5py
import numpy as np
import pytest

from h2h.config import Sections, load_params
from h2h.io.cards import read_card
from h2h.io.video_writer import write_video
from h2h.stages.runner import run_stage


@pytest.fixture
def cfg(in_project):
    values = load_params().model_dump(mode="json")
    values["frames"] |= {"size": 64, "min_frames": 20, "detect_every": 10}
    return Sections({"frames": values["frames"]})


def moving(face, count, speed=1.0):
    """The face wanders a little over a grey wall."""
    for i in range(count):
        x = 40 + speed * 20 * np.sin(i / 8)
        yield cv2.warpAffine(face, np.float32([[1, 0, x], [0, 1, 10]]), (360, 288), borderValue=(90, 90, 90))


def nobody(count):
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield cv2.resize(rng.integers(0, 255, (9, 12, 3), np.uint8), (360, 288))


def frames_stage(folder, tmp_path, cfg):
    output = tmp_path / "work" / "frames" / f"{folder.name}.h5"
    made = run_stage("frames", folder.name, output, cfg, {"videos": folder})
    return made, read_card(output), output


@pytest.fixture
def person(tmp_path):
    folder = tmp_path / "people" / "anna"
    folder.mkdir(parents=True)
    return folder


def test_two_clips_become_one_artifact(person, tmp_path, cfg, face):
    write_video(person / "a.mp4", moving(face, 40), 25)
    write_video(person / "b.mp4", moving(face, 30), 10)
    made, card, output = frames_stage(person, tmp_path, cfg)
    assert made and card["summary"]["clips"] == ["a.mp4", "b.mp4"]
    with h5py.File(output) as file:
        assert file["frames"].shape == (16 + 30, 64, 64, 3)  # 1.6 s at the slower one's 10 a second
        assert file["segment"][:].tolist() == [0] * 16 + [1] * 30 and file.attrs["fps"] == 10
        for clip in (0, 1):
            assert np.diff(file["time"][:][file["clip"][:] == clip]).mean() == pytest.approx(0.1, abs=0.005)
        assert json.loads(file.attrs["clips"]) == ["a.mp4", "b.mp4"]
        face_part = file["frames"][0, 16:48, 16:48].astype(int)
        assert face_part.std() > 20  # the face is in the middle, not the wall


def test_the_same_video_gives_the_same_bytes(person, tmp_path, cfg, face):
    """As jobs run: each in a process of its own."""
    write_video(person / "a.mp4", moving(face, 30), 20)
    made = []
    for number in "12":
        output = tmp_path / number / "anna.h5"
        options = ["--videos", person, "--output", output, "--cfg", json.dumps({"frames": cfg.frames.model_dump()})]
        subprocess.run([sys.executable, "-m", "h2h.cli", "frames", "--name", "anna", *map(str, options)], check=True)
        with h5py.File(output) as file:
            made.append((read_card(output), {key: file[key][:] for key in file}))
    for key, values in made[0][1].items():
        np.testing.assert_array_equal(values, made[1][1][key], err_msg=key)
    assert made[0][0] == made[1][0]


def rejected(person, tmp_path, cfg):
    made, card, output = frames_stage(person, tmp_path, cfg)
    assert not made and card["status"] == "rejected" and card["remedy"] and output.stat().st_size == 0
    return card["reason"]


def test_no_face(person, tmp_path, cfg):
    write_video(person / "no_face.mp4", nobody(40), 20)
    assert "no face in no_face.mp4" in rejected(person, tmp_path, cfg)


@pytest.mark.parametrize("order", ["face first", "face last"])
def test_a_face_for_a_part_only_names_the_seconds(person, tmp_path, cfg, face, order):
    parts = [list(moving(face, 30)), list(nobody(30))]
    if order == "face last":
        parts.reverse()
    write_video(person / "part.mp4", [*parts[0], *parts[1]], 20)
    reason = rejected(person, tmp_path, cfg)
    wanted = "from 1.5 s to 3.0 s" if order == "face first" else "from 0.0 s to 1.4 s"
    assert "30 of 60" in reason and f"part.mp4 {wanted}" in reason


def test_small_gap_is_left_out_and_recorded(person, tmp_path, cfg, face):
    cfg_values = cfg.frames.model_dump() | {"max_missing": 0.3}
    frames = [*moving(face, 30), *list(nobody(10)), *moving(face, 30)]
    write_video(person / "gap.mp4", frames, 20)
    made, card, output = frames_stage(person, tmp_path, Sections({"frames": cfg_values}))
    assert made and card["summary"]["left_out"] == 10
    with h5py.File(output) as file:
        assert file["left_out"]["frame"].tolist() == list(range(30, 40))
        assert file["segment"][:].tolist() == [0] * 30 + [1] * 30


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), (b"just text " * 50, "not a readable video")], ids=["empty", "text"]
)
def test_no_video_file(person, tmp_path, cfg, content, said):
    (person / "x.mp4").write_bytes(content)
    reason = rejected(person, tmp_path, cfg)
    assert "x.mp4" in reason and said in reason


def test_truncated(person, tmp_path, cfg, face):
    write_video(person / "t.mp4", moving(face, 100), 20)
    data = (person / "t.mp4").read_bytes()
    (person / "t.mp4").write_bytes(data[: len(data) // 3])
    assert "t.mp4" in rejected(person, tmp_path, cfg)


def test_one_frame(person, tmp_path, cfg, face):
    write_video(person / "one.mp4", moving(face, 1), 20)
    assert "only 1 usable frame" in rejected(person, tmp_path, cfg)


def test_folder_without_video(person, tmp_path, cfg):
    (person / "notes.txt").write_text("later")
    assert "holds no video" in rejected(person, tmp_path, cfg)


def test_the_larger_of_two_people_is_followed(person, tmp_path, cfg, face):
    small = cv2.resize(face, None, fx=0.45, fy=0.45)[..., ::-1]

    def both():
        for image in moving(face, 40, 0.3):
            wide = np.full((288, 520, 3), 90, np.uint8)
            wide[:, :360] = image
            wide[150 : 150 + len(small), 380 : 380 + small.shape[1]] = small
            yield wide

    write_video(person / "two.mp4", both(), 20)
    made, _, output = frames_stage(person, tmp_path, cfg)
    with h5py.File(output) as file:
        x, _, side = file["crop"][0]
    assert made and side > 100 and x + side / 2 < 260 * 2  # the left, larger face (videos are enlarged evenly)
