"""What a fault of the machine is told with."""

import errno
from pathlib import Path

import pytest

from h2h.io.atomic import replacing
from h2h.io.machine import machine_fault


def test_the_file_that_is_named_is_the_one_that_was_to_be(tmp_path):
    with replacing(tmp_path / "a-1.h5") as temporary:
        fault = machine_fault(OSError(errno.ENOSPC, "no room", str(temporary)), Path("other"))
        temporary.touch()
    assert str(tmp_path / "a-1.h5") in fault.what and ".tmp-" not in fault.what


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "a.h5").mkdir()
    try:
        with replacing(tmp_path / "a.h5") as temporary:
            temporary.touch()
    except OSError as error:
        told = machine_fault(error)
    assert told is not None and f"{tmp_path / 'a.h5'} is a folder" in told.what


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "people").touch()
    with pytest.raises(OSError) as caught:
        (tmp_path / "people/ann").mkdir()
    told = machine_fault(caught.value)
    assert told is not None and f"{tmp_path / 'people/ann'} is said to be in a folder that is a file" in told.what
