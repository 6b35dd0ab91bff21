"""The rows of figures."""

import numpy as np

from h2h.io.h5 import writing
from h2h.stages import figure_pictures

SIDE, FRAMES = 8, 6


def write(path, mask, **others):
    path.parent.mkdir(exist_ok=True)
    with writing(path) as writer:
        for i in range(FRAMES):
            grey = np.full((SIDE, SIDE), mask, np.uint8)
            writer.append(mask=grey, frames=grey[..., None].repeat(3, 2), index=np.int32(i), **others)
    return path


def test_masks_of_several_experiments_have_a_difference_each(tmp_path):
    write(tmp_path / "cache/ann.h5", 200)
    made = {"ours": write(tmp_path / "made/ours.h5", 200), "no mouth": write(tmp_path / "made/other.h5", 0)}
    rows, frames = figure_pictures.masks("ann", made, tmp_path)
    assert list(rows) == [
        "truth", "true mask", "mask of ours", "difference of ours", "mask of no mouth", "difference of no mouth",
    ]  # fmt: skip
    assert frames == list(range(FRAMES))
    wrong = np.array(figure_pictures.MASK_ERROR)
    assert (rows["difference of no mouth"][0] == wrong).all() and not (rows["difference of ours"][0] == wrong).any()
    alone, _ = figure_pictures.masks("ann", {"ours": made["ours"]}, tmp_path)
    assert list(alone) == ["truth", "true mask", "mask of ours", "difference"]
