import itertools
import struct

import cv2
import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from h2h.errors import UserError
from h2h.io import background_file
from h2h.io.background_file import pictures
from h2h.io.video_writer import write_video


def test_a_picture_stays_and_is_upright(tmp_path):
    stored = Image.fromarray(np.zeros((10, 30, 3), np.uint8))
    exif = stored.getexif()
    exif[0x0112] = 6  # turn by 90 degrees to show
    stored.save(tmp_path / "p.jpg", exif=exif)
    first, second = itertools.islice(pictures(tmp_path / "p.jpg", 25), 2)
    assert first.shape == (30, 10, 3) and first is second


def test_a_video_keeps_its_speed_and_begins_again(tmp_path):
    write_video(tmp_path / "v.mp4", (np.full((64, 64, 3), 60 * i, np.uint8) for i in range(4)), 10)
    shown = [round(p.mean() / 60) for p in itertools.islice(pictures(tmp_path / "v.mp4", 20), 10)]
    assert shown == [0, 0, 1, 1, 2, 2, 3, 0, 0, 1]


def test_what_cannot_be_a_background(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="is no background"):
        pictures(tmp_path / "blue", 25)
    for name in ("a.png", "a.mp4"):
        with pytest.raises(UserError, match="is missing"):
            pictures(tmp_path / name, 25)
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(UserError, match="not a readable picture"):
        pictures(tmp_path / "b.png", 25)
    monkeypatch.setattr(background_file, "MOST_PIXELS", 50)
    cv2.imwrite(str(tmp_path / "c.png"), np.zeros((8, 8), np.uint8))
    with pytest.raises(UserError, match="8 x 8 pixels"):
        pictures(tmp_path / "c.png", 25)


@pytest.mark.parametrize("tag", [0x0100, 0x011A])  # the width (a number) and the resolution (a fraction) as text
def test_exif_data_of_the_wrong_kind(tmp_path, tag):
    entries = struct.pack("<HHHIHHHHIII", 2, 0x0112, 3, 1, 6, 0, tag, 2, 4, int.from_bytes(b"abc"), 0)
    Image.new("RGB", (30, 10)).save(tmp_path / "p.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0" + entries)
    with pytest.raises(UserError, match="not a readable picture"):
        pictures(tmp_path / "p.jpg", 25)


def test_a_picture_that_is_a_program_is_not_run(tmp_path, monkeypatch):
    """PostScript under another name, which PIL would hand to Ghostscript."""
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was called"))
    text = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\nshowpage\n%%EOF\n"
    (tmp_path / "x.png").write_text(text)
    with pytest.raises(UserError, match="not a readable picture"):
        pictures(tmp_path / "x.png", 25)
