import os

import pytest

from h2h.io.atomic import HOST, TEMPORARY, replacing, write_json


def test_failure_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a.h5"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.h5"]


def test_success_replaces(tmp_path):
    with replacing(tmp_path / "new" / "a.h5") as temporary:
        assert temporary.suffix == ".h5"
        temporary.write_text("whole")
    assert (tmp_path / "new" / "a.h5").read_text() == "whole"


def test_what_a_killed_process_left_is_removed(tmp_path):
    (tmp_path / f".tmp-{HOST}-999999999-a.h5").write_text("half")
    with replacing(tmp_path / "a.h5") as temporary:
        assert os.listdir(tmp_path) == []
        temporary.write_text("whole")
    assert os.listdir(tmp_path) == ["a.h5"]


def test_what_others_are_writing_stays(tmp_path):
    other_file, other_host = f".tmp-{HOST}-999999999-a-b.h5", ".tmp-00000000-999999999-b.h5"
    alive = f".tmp-{HOST}-{os.getppid()}-b.h5"
    for name in (other_file, other_host, alive):
        (tmp_path / name).write_text("half")
    with replacing(tmp_path / "b.h5") as temporary:
        temporary.write_text("whole")
    assert set(os.listdir(tmp_path)) == {"b.h5", other_file, other_host, alive}


def test_the_hosts_of_a_shared_folder_never_write_the_same_file(tmp_path):
    """A process of another host may have the same number."""
    with replacing(tmp_path / "a.h5") as temporary:
        parts = TEMPORARY.fullmatch(temporary.name)
        assert parts["host"] == HOST and parts["name"] == "a.h5" and int(parts["pid"]) == os.getpid()
        temporary.write_text("whole")


def test_json_is_the_same_for_the_same_value(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": [1.5]})
    write_json(tmp_path / "b.json", {"a": [1.5], "b": 1})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
