import cv2
import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.flo import read_flo, write_flo


def test_opencv_reads_what_is_written_and_the_other_way_round(tmp_path):
    flow = np.random.default_rng(0).normal(size=(5, 7, 2)).astype(np.float32)
    write_flo(tmp_path / "a.flo", flow)
    np.testing.assert_array_equal(cv2.readOpticalFlow(str(tmp_path / "a.flo")), flow)
    cv2.writeOpticalFlow(str(tmp_path / "b.flo"), flow)
    np.testing.assert_array_equal(read_flo(tmp_path / "b.flo"), flow)


def test_what_the_format_calls_unknown_is_nan(tmp_path):
    flow = np.zeros((2, 3, 2), np.float32)
    flow[0, 0], flow[0, 1, 1], flow[1, 2, 0] = 1.7e9, np.nan, -np.inf
    flow[1, 0] = 1e9
    write_flo(tmp_path / "a.flo", flow)
    found = read_flo(tmp_path / "a.flo")
    assert np.isnan(found).all(axis=2).tolist() == [[True, True, False], [False, False, True]]
    np.testing.assert_array_equal(found[1, 0], 1e9)


def test_damaged_files_are_refused(tmp_path):
    write_flo(tmp_path / "a.flo", np.zeros((5, 7, 2)))
    data = (tmp_path / "a.flo").read_bytes()
    for bad in (b"", data[:8], data[:-1], b"XXXX" + data[4:], data[:4] + b"\xff\xff\xff\x7f" * 2 + data[12:]):
        (tmp_path / "a.flo").write_bytes(bad)
        with pytest.raises(UserError, match="cannot be read"):
            read_flo(tmp_path / "a.flo")
