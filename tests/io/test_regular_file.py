import os
from pathlib import Path

import pytest

from h2h.errors import UserError
from h2h.io.calibration import read_calibration
from h2h.io.flo import read_flo
from h2h.io.mesh import read_mesh
from h2h.io.regular_file import MOST_BYTES, read_regular
from h2h.io.scan_folder import read_image

READERS = {"a.ply": read_mesh, "a.obj": read_mesh, "a.png": read_image, "a.flo": read_flo, "a.json": read_calibration}


def test_a_file_is_read_up_to_its_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_regular(tmp_path / "a", 5) == b"12345"
    with pytest.raises(ValueError, match="more than 4 bytes"):
        read_regular(tmp_path / "a", 4)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "b")


def test_a_file_that_is_longer_than_it_says_is_not_read_to_its_end():
    """Files of the kernel have the size 0."""
    assert Path("/proc/self/maps").stat().st_size == 0
    with pytest.raises(ValueError, match="more than 10 bytes"):
        read_regular(Path("/proc/self/maps"), 10)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path, name, kind):
    path = tmp_path / name
    {"pipe": os.mkfifo, "device": lambda p: p.symlink_to("/dev/zero"), "folder": Path.mkdir}[kind](path)
    with pytest.raises(UserError, match="it is no regular file"):
        READERS[name](path)


@pytest.mark.parametrize("name", READERS)
def test_huge_files_are_refused_before_they_are_read(tmp_path, name):
    path = tmp_path / name
    path.touch()
    os.truncate(path, MOST_BYTES + 1)  # takes no room on the disk
    with pytest.raises(UserError, match=r"it has more than [0-9]+ bytes"):
        READERS[name](path)
