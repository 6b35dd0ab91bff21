import errno

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


def test_damage_that_shows_while_reading_is_told_of_the_right_file(tmp_path):
    for name in ("sound", "broken"):
        with writing(tmp_path / f"{name}.h5") as writer:
            for i in range(20):
                writer.append(x=np.full((40, 40), i, np.uint8), few=i)
            writer.file["group/none"] = np.zeros((0, 3))
            writer.file["one"] = 1.0
    with reading(tmp_path / "broken.h5") as file:
        chunk = file["x"].id.get_chunk_info(1)
    data = bytearray((tmp_path / "broken.h5").read_bytes())
    data[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    (tmp_path / "broken.h5").write_bytes(data)
    for first, second in (("sound", "broken"), ("broken", "sound")):
        with (
            pytest.raises(UserError, match=r"broken\.h5 cannot be read") as error,
            reading(tmp_path / f"{first}.h5") as one,
            reading(tmp_path / f"{second}.h5") as two,
        ):
            assert len(one["x"][:8]) == len(two["x"][:8]) == 8  # the first chunk is whole
            (one["x"][:], two["x"][:])
        assert "delete it" in error.value.remedy


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), OSError("somebody else's")])
def test_an_error_of_the_block_is_not_the_artifacts(tmp_path, error):
    with writing(tmp_path / "a.h5") as writer:
        writer.append(x=np.zeros((40, 40)))
        writer.file.create_dataset("empty", (0, 4), "f4", maxshape=(None, 4), chunks=(8, 4))
    with pytest.raises(OSError) as raised, reading(tmp_path / "a.h5"):
        raise error
    assert raised.value is error


def test_what_is_no_artifact_is_not_to_be_deleted(tmp_path):
    """Whoever names a wrong file or a folder would lose it."""
    (tmp_path / "README.md").write_text("precious")
    (tmp_path / "folder.h5").mkdir()
    for name in ("README.md", "folder.h5"):
        with pytest.raises(UserError, match="is no artifact") as error, reading(tmp_path / name):
            pass
        assert "delete" not in error.value.remedy
