import os
import stat
from pathlib import Path

import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.credentials import read_credentials, sign_video
from h2h.io.record import Ingredient, Record
from h2h.io.video_writer import write_video

RECORD = Record(
    "a drives b",
    target="b",
    mode="head",
    model="34cd" * 16,
    ingredients=(Ingredient("target", "12ab" * 16, "b.mp4"), Ingredient("source", None, "camera")),
    consent="signed form",
)


@pytest.fixture
def signed(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (10, 64, 64, 3), np.uint8)
    write_video(tmp_path / "u.mp4", noise, 20)
    assert sign_video(tmp_path / "u.mp4", tmp_path / "s.mp4", RECORD) is None
    return tmp_path / "s.mp4"


def test_a_signed_video_says_what_it_is(signed):
    found = read_credentials(signed)
    assert found.title == "a drives b" and found.generator.startswith("h2h ")
    assert found.synthetic and found.intact and found.local
    assert found.record == RECORD.as_json() and found.watermark == RECORD.number
    assert found.record["licence"] == "not recorded"


def test_an_altered_video_is_found_out(signed):
    data = bytearray(signed.read_bytes())
    data[-2000] ^= 255
    signed.write_bytes(data)
    assert not read_credentials(signed).intact


def test_an_unsigned_video_is_said_to_be_so(signed):
    with pytest.raises(UserError, match="no Content Credentials"):
        read_credentials(signed.with_name("u.mp4"))


def test_the_key_is_private(signed):
    key = Path(os.environ["H2H_SIGNING_KEY"]) / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
