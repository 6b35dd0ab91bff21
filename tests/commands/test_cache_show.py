import subprocess
import sys

import numpy as np

from h2h.io.cards import write_rejection
from h2h.io.h5 import writing


def show(file, cwd):
    command = [sys.executable, "-m", "h2h.cli", "cache", "show", str(file)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_contents_and_sheet(in_project, tmp_path):
    path = tmp_path / "a.h5"
    with writing(path) as writer:
        for i in range(10):
            writer.append(frames=np.full((32, 32, 3), 20 * i, np.uint8), time=i / 20)
        writer.file.attrs["fps"] = 20.0
    result = show(path, in_project)
    assert result.returncode == 0, result.stderr
    assert "fps = 20.0" in result.stdout and "(10, 32, 32, 3)" in result.stdout and "chunks" in result.stdout
    import cv2

    sheet = cv2.imread(str(tmp_path / "a.png"))
    assert sheet.shape == (128, 110 + 8 * 128, 3)
    assert sheet[64, 110 + 64].mean() < 5 and sheet[64, -64].mean() > 175  # first and last frame


def test_rejected_and_missing(in_project, tmp_path):
    write_rejection(tmp_path / "b.h5", "frames", "b", "no face", "show one")
    assert "no face" in show(tmp_path / "b.h5", in_project).stderr
    result = show(tmp_path / "c.h5", in_project)
    assert result.returncode == 2 and "c.h5 is missing" in result.stderr
