"""What `h2h live` says when it cannot start."""

import shutil
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from h2h.commands.live import _background, _source, command
from h2h.errors import UserError
from h2h.io.local_port import listen
from h2h.io.video_writer import write_video
from h2h.person.person import Person
from h2h.person.record import driven_record


def refused(*words):
    with pytest.raises(UserError) as error:
        CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    return error.value


@pytest.fixture
def port():
    with listen("127.0.0.1", 0) as free:
        return free.getsockname()[1]


def test_it_says_what_is_missing(tmp_path, monkeypatch, port):
    monkeypatch.chdir(tmp_path)
    assert "there is no camera 97" in refused("ann", "--camera", "97", "--port", port).what
    assert "none.mp4 is not there" in refused("ann", "--file", "none.mp4", "--port", port).what
    write_video(tmp_path / "a.mp4", [np.zeros((256, 256, 3), np.uint8)] * 3, 10)
    assert "no person ann" in refused("ann", "--file", "a.mp4", "--port", port).what
    assert "not a readable picture" in refused("ann", "--file", "a.mp4", "--background", "a.mp4", "--port", port).what
    with listen("127.0.0.1", port):
        assert "in use" in refused("ann", "--file", "a.mp4", "--port", port).what
    with listen("127.0.0.1", port):
        pass  # every failure gave it back


def test_what_a_folder_plays_is_what_the_credentials_name(tmp_path):
    write_video(tmp_path / "a.mp4", [np.zeros((256, 256, 3), np.uint8)] * 3, 10)
    assert _source("0", tmp_path)[1] == _source("0", tmp_path / "a.mp4")[1]


def test_a_virtual_camera_is_marked_with_the_mode_of_the_card(tmp_path, monkeypatch, port):
    made, about = SimpleNamespace(network="0" * 64, cache="1" * 64), SimpleNamespace(consent=None, licence="CC0")
    card = SimpleNamespace(
        name="ann", fps=25, clips=[], made_from=made, about=about, synthesize=SimpleNamespace(mode="face")
    )
    monkeypatch.setattr(Person, "load", lambda target: SimpleNamespace(card=card, name="ann"))
    numbers = []

    def none_here(fps, number):
        numbers.append(number)
        raise UserError("there is no virtual camera", "leave it out")

    monkeypatch.setattr("h2h.io.virtual_camera.VirtualCamera", none_here)
    write_video(tmp_path / "a.mp4", [np.zeros((256, 256, 3), np.uint8)] * 3, 10)
    words = ("ann", "--file", tmp_path / "a.mp4", "--port", port, "--virtual-camera")
    for more in ((), ("--mode", "head")):
        assert "no virtual camera" in refused(*words, *more).what
    source = _source("0", tmp_path / "a.mp4")[1]
    assert numbers == [driven_record(card, "live.ann", mode, source).number for mode in ("face", "head")]


def test_backgrounds(tmp_path):
    assert _background("plate") == (None, "plate") and _background("#00ff00") == (None, "#00ff00")
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[..., 0] = 200
    cv2.imwrite(str(tmp_path / "a.png"), picture[..., ::-1])
    found, _ = _background(str(tmp_path / "a.png"))
    np.testing.assert_array_equal(found, picture)
    shutil.rmtree(tmp_path)
    with pytest.raises(UserError, match="is missing"):
        _background(str(tmp_path / "a.png"))
