"""`h2h reenact` from a real face to a person whose weights are random: what is tested is everything but the picture."""

import doctest
import json
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "person"))
from one_person import make_project

from h2h.commands.reenact import command
from h2h.errors import Rejected, UserError
from h2h.io.cards import write_card
from h2h.io.credentials import read_credentials
from h2h.io.h5 import writing
from h2h.io.video_writer import write_video
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import save_head_model

RATE, COUNT = 15, 12


@pytest.fixture(scope="module")
def project(tmp_path_factory, face):
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make_project(folder)
    head = folder / "work/head_model/head_model.h5"
    save_head_model(build_anny_head(samples=60, identity=4, expression=30, seed=3), head)
    write_card(head, "head_model", "head_model", {})
    frames = folder / "work/frames/ann.h5"
    with writing(frames) as writer:
        file = writer.file
        file["clip"], file["source_frame"], file["time"] = np.zeros(24, np.int32), np.arange(24), np.arange(24) / 20
        file["crop"] = np.array([[100.0, 60, 128]])
        file.attrs["fps"], file.attrs["clips"] = 20.0, json.dumps(["a.mp4"])
    rng = np.random.default_rng(0)
    own = cv2.resize(rng.integers(0, 255, (9, 12, 3), np.uint8), (320, 256))
    write_video(folder / "data/identities/ann/a.mp4", [own] * 24, 20)
    moving = [
        cv2.warpAffine(face, np.float32([[1, 0, 40 + 2 * t], [0, 1, 20]]), (400, 300), borderValue=(90, 90, 90))
        for t in range(COUNT)
    ]
    write_video(folder / "me.mp4", moving, RATE)
    write_video(folder / "nobody.mp4", [np.full((256, 256, 3), 90, np.uint8)] * 8, RATE)
    return folder, own


@pytest.fixture
def run(project, monkeypatch):
    monkeypatch.chdir(project[0])

    def call(*arguments):
        return CliRunner().invoke(command, arguments, catch_exceptions=False).output

    return call


def decode(path, pixels="rgb24"):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return float(stream.average_rate), [frame.to_ndarray(format=pixels) for frame in container.decode(stream)]


def test_head_mode_keeps_rate_and_length_and_says_what_it_is(run, project):
    assert "out.mp4: ann driven by me.mp4" in run("me.mp4", "ann", "-o", "out.mp4", "--layout", "diagnostic")
    rate, frames = decode("out.mp4")
    assert (rate, len(frames)) == (RATE, COUNT)
    assert frames[0].shape == (256, 1024, 3)
    source, nmfc, gaze, result = np.split(frames[5].astype(int), 4, axis=1)
    assert nmfc.max() > 150 and np.abs(source - result).mean() > 5
    assert 0 < (gaze.max(axis=-1) > 100).mean() < 0.1
    found = read_credentials(Path("out.mp4"))
    assert found.synthetic and found.intact


def test_the_face_is_put_back_into_the_targets_own_frames(run, project):
    run("me.mp4", "ann", "--mode", "face", "--paste", "-o", "pasted.mp4", "--seconds", "0.4")
    rate, frames = decode("pasted.mp4")
    assert (rate, len(frames), frames[0].shape) == (RATE, 6, (256, 320, 3))
    changed = np.abs(frames[3].astype(int) - project[1]).max(axis=-1) > 60
    assert changed[60:188, 100:228].mean() > 0.05, "the face"
    outside = changed.copy()
    outside[60:188, 100:228] = False
    assert outside.mean() < 0.01


def test_a_bundle_has_no_frames_to_paste_into(run):
    run("me.mp4", "ann", "-o", "short.mp4", "--seconds", "0.2")  # exports the bundle
    with pytest.raises(UserError, match="--paste needs ann's own video"):
        run("me.mp4", "work/person/ann.h2hperson", "--mode", "face", "--paste")


def test_a_bundle_needs_no_project(run, project, tmp_path, monkeypatch):
    run("me.mp4", "ann", "-o", "short.mp4", "--seconds", "0.2")
    monkeypatch.chdir(tmp_path)
    bundle, clip = project[0] / "work/person/ann.h2hperson", project[0] / "me.mp4"
    assert "ann driven by me.mp4" in run(str(clip), str(bundle), "-o", "out.mp4", "--seconds", "0.2")
    with pytest.raises(UserError, match="--paste needs ann's own video"):
        run(str(clip), str(bundle), "--mode", "face", "--paste")


def test_transparency(run):
    run("me.mp4", "ann", "--background", "transparent", "-o", "clear.mov", "--seconds", "0.3")
    _, frames = decode("clear.mov", "rgba")
    assert len(frames) == 4 and np.ptp(frames[2][..., 3]) > 20


def test_another_background_changes_what_is_not_the_person(run):
    pictures = []
    for colour in ("black", "#ffffff"):
        run("me.mp4", "ann", "--background", colour, "-o", "coloured.mp4", "--seconds", "0.2")
        pictures.append(decode("coloured.mp4")[1][0].astype(int))
    assert (pictures[1] - pictures[0]).mean() > 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody.mp4", "ann"], "nobody.mp4: there is no face in it"),
        (["gone.mp4", "ann"], "gone.mp4 is missing"),
        (["me.mp4", "bob"], "there is no person bob"),
        (["me.mp4", "ann", "-o", "out.avi"], "out.avi: .avi"),
        (["me.mp4", "ann", "-o", "/proc/x/out.mp4"], "/proc/x/out.mp4 cannot be written"),
        (["me.mp4", "ann", "--background", "transparent"], ".mp4 keeps no transparency"),
        (["me.mp4", "ann", "--paste"], "the mode head takes the source's"),
        (["me.mp4", "new.mp4", "--paste"], "the mode head takes the source's"),  # before anybody is trained
        (["me.mp4", "new.mp4", "--mode", "face", "--paste", "--background", "black"], "the target's own background"),
        (["me.mp4", "ann", "--mode", "cycle"], "me.mp4 is no person's bundle"),
        (["me.mp4", "ann", "--background", "sea"], "sea is no background"),
        (["camera:77", "ann"], "there is no camera 77"),
        (["camera:x", "ann"], "camera:x is no camera"),
        (["me.mp4", "ann", "--minutes", "3"], "ann is trained already"),
        (["me.mp4", "me.mp4"], "a new person starts from the multi-person network"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(run, project, arguments, message):
    before = set(project[0].iterdir())
    with pytest.raises((UserError, Rejected)) as error:
        run(*arguments)
    assert message in str(error.value) and error.value.remedy
    assert set(project[0].iterdir()) == before


def test_the_examples_of_the_api_run(project, monkeypatch):
    from h2h import api
    from h2h.config import load_params
    from h2h.person.export import export_person

    monkeypatch.chdir(project[0])
    export_person(load_params(), "ours", "ann", Path("ann.h2hperson"))
    found = doctest.testmod(api)
    assert found.attempted >= 6 and not found.failed
    assert read_credentials(Path("out.mp4")).intact


def test_nothing_that_is_read_or_true_is_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("me.mp4").write_bytes(b"precious")
    Path("wall.mp4").symlink_to("me.mp4")
    Path("data/identities/ann").mkdir(parents=True)
    Path("folder.mp4").mkdir()
    for arguments, what in (
        (["me.mp4", "ann", "-o", "me.mp4"], "is what is read"),
        (["other.mp4", "me.mp4", "-o", "./me.mp4"], "is what is read"),
        (["other.mp4", "ann", "--background", "wall.mp4", "-o", "me.mp4"], "is what is read"),
        (["me.mp4", "ann", "-o", "data/identities/ann/new.mp4"], "true clips"),
        (["me.mp4", "ann", "-o", "folder.mp4"], "is a folder"),
    ):
        with pytest.raises(UserError, match=what):
            command.main(arguments, standalone_mode=False)
    assert Path("me.mp4").read_bytes() == b"precious"
