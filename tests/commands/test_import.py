"""`h2h import COLLECTION` as a user calls it, on small collections in the real formats."""

import os
import sys
from pathlib import Path

import click.testing
import cv2
import h5py
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "collections"))
from lists import encode, fomm, hdtf, video, vox1, vox2, voxceleb

from h2h import layout
from h2h.commands.import_ import command
from h2h.config import Sections, load_params
from h2h.errors import UserError
from h2h.io.atomic import HOST
from h2h.io.video import sampled_frames


@pytest.fixture
def run(in_project, tmp_path):
    """Run the command; people go into tmp_path/people."""

    def call(*arguments, fails=None):
        arguments = [str(a) for a in (*arguments, "--identities", tmp_path / "people")]
        done = click.testing.CliRunner().invoke(command, arguments)
        if fails is None:
            assert done.exception is None, (done.output, done.exception)
        else:
            assert isinstance(done.exception, UserError) and fails in str(done.exception), done.exception
        return done.output

    return call


def made(folder):
    return {p.name: sorted(c.name for c in p.iterdir()) for p in sorted((folder / "people").iterdir())}


def clips(names):
    return [name for name in names if name != "identity.yaml"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A video of 80 frames that all tests use."""
    return video(tmp_path_factory.mktemp("shared") / "video.mp4", 80)


def link(source, *targets):
    for target in targets:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)


@pytest.fixture
def collection(tmp_path, shared):
    """Two people of VoxCeleb1 with videos, one without."""
    voxceleb(tmp_path / "txt", "id10001", "1zcIwhmdeo4", "00001", vox1(0, 30))
    voxceleb(tmp_path / "txt", "id10001", "1zcIwhmdeo4", "00002", vox1(40, 69))
    voxceleb(tmp_path / "txt", "id10002", "abcdefghijk", "00001", vox1(5, 34))
    voxceleb(tmp_path / "txt", "id10003", "not_there_0", "00001", vox1(5, 34))
    link(shared, tmp_path / "videos" / "1zcIwhmdeo4.mp4", tmp_path / "videos" / "A talk [abcdefghijk].mp4")
    return tmp_path / "txt", "--videos", tmp_path / "videos"


def test_people_of_voxceleb(run, collection, tmp_path):
    output = run(*collection)
    assert made(tmp_path) == {
        "id10001": ["clip_1zcIwhmdeo4_00001.mp4", "clip_1zcIwhmdeo4_00002.mp4", "identity.yaml"],
        "id10002": ["clip_abcdefghijk_00001.mp4", "identity.yaml"],
    }
    assert "2 people" in output and "1 videos are missing" in output and "3 clips cut" in output
    who = layout.identity_file("id10002", tmp_path / "people")
    assert who.role == "train" and "VoxCeleb1" in who.source and "CC BY 4.0" in who.licence and "none" in who.consent
    params = load_params()
    assert {"id10001", "id10002"} <= set(layout.cast(params, tmp_path / "people").initialise["default"])


def test_a_dry_run_writes_nothing(run, collection, tmp_path):
    output = run(*collection, "--dry-run", "--as", "vox-")
    assert "vox-id10001: 2 clips, 2 s" in output and not (tmp_path / "people").exists()


def test_again_after_a_kill_only_the_rest_is_made(run, collection, tmp_path):
    run(*collection)
    kept = tmp_path / "people/id10001/clip_1zcIwhmdeo4_00001.mp4"
    before = kept.stat().st_mtime_ns
    lost = tmp_path / "people/id10001/clip_1zcIwhmdeo4_00002.mp4"
    lost.unlink()
    (tmp_path / f"people/id10001/.tmp-{HOST}-99999999-clip_1zcIwhmdeo4_00002.mp4").write_bytes(b"half")
    output = run(*collection)
    assert "1 clips cut, 2 were there already" in output
    assert kept.stat().st_mtime_ns == before and len(list(sampled_frames(lost, 25))) == 30
    assert clips(made(tmp_path)["id10001"]) == [kept.name, lost.name]


def test_one_bad_clip_does_not_stop_the_others(run, collection, tmp_path):
    txt = collection[0]
    voxceleb(txt, "id10001", "1zcIwhmdeo4", "00003", [(70, 1, 2, -3, 4)])  # a box that makes no sense
    voxceleb(txt, "id10001", "1zcIwhmdeo4", "00004", vox1(5000, 5050))  # after the video's end
    voxceleb(txt, "id10004", "broken_vid0", "00001", vox1(0, 30))
    (tmp_path / "videos" / "broken_vid0.mp4").write_bytes(b"no video" * 99)
    output = run(*collection)
    assert list(made(tmp_path)) == ["id10001", "id10002"] and "3 clips cut" in output
    for words in ("line 8", "ends before 200.0 s", "broken_vid0.mp4 is not a readable video", "3 left out"):
        assert words in output


def test_limits(run, collection, tmp_path):
    run(*collection, "--limit", 1, "--seconds", 1)
    assert {name: clips(files) for name, files in made(tmp_path).items()} == {"id10001": ["clip_1zcIwhmdeo4_00001.mp4"]}


def test_somebody_elses_folder_is_left_alone(run, collection, tmp_path):
    own = tmp_path / "people" / "id10001"
    own.mkdir(parents=True)
    (own / "holiday.mp4").write_bytes(b"mine")
    output = run(*collection)
    assert "somebody else" in output and [p.name for p in own.iterdir()] == ["holiday.mp4"]
    assert clips(made(tmp_path)["id10002"])


def test_clips_that_voxceleb2_gives_out_are_taken_whole(run, tmp_path):
    voxceleb(tmp_path / "txt", "id00012", "21Uxsk56VDQ", "00001", vox2(161, 200))
    source = video(tmp_path / "mp4" / "id00012" / "21Uxsk56VDQ" / "00001.mp4", 40, width=224, height=224)
    run(tmp_path / "txt", "--videos", tmp_path / "mp4")
    assert (tmp_path / "people/id00012/clip_21Uxsk56VDQ_00001.mp4").read_bytes() == source.read_bytes()


def test_fomm_and_hdtf(run, tmp_path, shared):
    rows = [("abcdefghijk", 0, 30, "500-100-700-300", "id10005"), ("abcdefghijk", 0, 30, "500-100-700-300", "id10005")]
    fomm(tmp_path / "a" / "vox-metadata.csv", rows)
    hdtf(tmp_path / "b")
    link(shared, *(tmp_path / "videos" / f"{name}.mp4" for name in ("abcdefghijk", "RD_Radio34", "-93rQjLe3Sw")))
    run(tmp_path / "a", "--videos", tmp_path / "videos")
    output = run(tmp_path / "b", "--videos", tmp_path / "videos")
    assert {name: clips(files) for name, files in made(tmp_path).items()} == {
        "AdamKinzinger": ["clip_AdamKinzinger1_1.mp4"],
        "Radio34": ["clip_Radio34_0.mp4", "clip_Radio34_1.mp4"],
        "id10005": ["clip_abcdefghijk_000000-000030.mp4"],
    }
    assert "no sense" in output  # 00:03-00:01


def test_hostile_names_stay_inside_the_folder(run, tmp_path, shared):
    evil = "../../../escaped"
    fomm(
        tmp_path / "l.csv", [("abcdefghijk", 0, 30, "500-100-700-300", evil), (f"{evil}#x", 0, 30, "1-2-300-400", "b")]
    )
    link(shared, tmp_path / "videos" / "abcdefghijk.mp4")
    before = {p.name for p in tmp_path.parent.iterdir()}
    run(tmp_path / "l.csv", "--videos", tmp_path / "videos", "--as", "new_")
    assert list(made(tmp_path)) == ["new__escaped"] and {p.name for p in tmp_path.parent.iterdir()} == before


def test_what_is_missing_is_said(run, collection, tmp_path):
    run(tmp_path / "txt", fails="--videos is missing")
    run(*collection, "--as", "../", fails="--as")
    run(tmp_path, "--videos", tmp_path / "txt", fails="no video in")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.mp4").write_bytes(b"")
    run(tmp_path / "txt", "--videos", tmp_path / "other", fails="no file for '1zcIwhmdeo4'")
    run(tmp_path / "videos", "--videos", tmp_path / "videos", fails="Looked for")


def test_the_frames_stage_finds_the_face_in_what_was_cut(run, tmp_path, face):
    """The box leaves room enough: nothing of the stage's crop lies outside the cut picture."""
    from h2h.io.cards import read_card
    from h2h.stages.runner import run_stage

    def scene():
        small = cv2.resize(face, (128, 128), interpolation=cv2.INTER_AREA)
        for i in range(40):
            picture = np.full((360, 640, 3), 90, np.uint8)
            x, y = 300 + round(10 * np.sin(i / 5)), 120
            picture[y : y + 128, x : x + 128] = small
            yield picture

    encode(tmp_path / "videos" / "abcdefghijk.mp4", scene())
    rows = [(i, 338 + round(10 * np.sin(i / 5)), 140, 44, 52) for i in range(40)]  # the face in the portrait
    voxceleb(tmp_path / "txt", "id1", "abcdefghijk", "00001", rows)
    run(tmp_path / "txt", "--videos", tmp_path / "videos")
    values = load_params().model_dump(mode="json")
    output = tmp_path / "work" / "id1.h5"
    assert run_stage(
        "frames", "id1", output, Sections({"frames": values["frames"]}), {"videos": tmp_path / "people/id1"}
    )
    assert read_card(output)["summary"]["left_out"] == 0
    with h5py.File(output) as file:
        np.testing.assert_array_equal(file["picture"][:], [[0, 0, 1, 1]])
