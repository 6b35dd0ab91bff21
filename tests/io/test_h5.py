import cv2
import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.h5 import reading, writing


def test_rows_come_back_whatever_the_chunk(tmp_path):
    rows = np.random.default_rng(0).integers(0, 255, (13, 20, 20, 3), np.uint8)
    path = tmp_path / "work" / "a.h5"
    path.parent.mkdir()
    with writing(path, chunk_frames=4) as writer:
        for i, row in enumerate(rows):
            writer.append(frames=row, time=i / 20)
    with reading(path) as file:
        assert (file["frames"][:] == rows).all() and file["frames"].chunks[0] == 4
        assert file["time"][:] == pytest.approx(np.arange(13) / 20)


def test_same_rows_same_bytes(tmp_path):
    for name in ("a", "b"):
        with writing(tmp_path / f"{name}.h5") as writer:
            for i in range(20):
                writer.append(x=np.full((40, 40), i, np.uint8))
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_the_bytes_do_not_depend_on_what_was_written_before(tmp_path):
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (140, 140, 3), np.uint8), (0, 0), 3)
    found = set()
    for y, x in np.ndindex(12, 12):  # LZF had three forms of the same picture here
        for row in (picture[y : y + 128, x : x + 128], picture[:128, :128]):
            with writing(tmp_path / "a.h5", chunk_frames=1) as writer:
                writer.append(frames=row)
        found.add((tmp_path / "a.h5").read_bytes())
    assert len(found) == 1


def test_a_missing_file_names_the_command_that_makes_it(tmp_path):
    for stage, wanted in (("", tmp_path.name), ("head_model", "head_model")):
        with pytest.raises(UserError) as error, reading(tmp_path / "a.h5", stage):
            pass
        assert error.value.what == f"{tmp_path / 'a.h5'} is not there"
        assert error.value.remedy.startswith(f"run snakemake stage_{wanted},") and "delete" not in error.value.remedy


def test_damaged_file_names_the_command(tmp_path):
    path = tmp_path / "nmfc" / "a.h5"
    path.parent.mkdir()
    path.write_bytes(b"no")
    with pytest.raises(UserError, match="stage_nmfc"), reading(path):
        pass
