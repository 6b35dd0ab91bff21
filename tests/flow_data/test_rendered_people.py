"""Rendered people are identities like others: a video and an identity.yaml, the same ones from the same seed."""

import numpy as np

from h2h.io.person_folder import identity_file
from h2h.io.video import find_clips, sampled_frames
from h2h.stages.rendered_people import write_people


def read(folder, name):
    (clip,) = find_clips(folder / name)
    return np.stack([frame.image for frame in sampled_frames(clip, 20)])


def test_people_are_videos_that_move_and_differ(small_head, tmp_path):
    names = write_people(tmp_path, small_head, 2, 3, 256, seed=5)
    assert names == ["rendered-01", "rendered-02"]
    first, second = (read(tmp_path, name).astype(int) for name in names)
    assert first.shape == second.shape == (3, 256, 256, 3)
    assert np.abs(first - second).mean() > 10
    assert np.abs(first[0] - first[2]).max() > 10
    assert identity_file("rendered-01", tmp_path).role == "source"


def test_more_people_leave_the_others_as_they_are(small_head, tmp_path):
    write_people(tmp_path / "one", small_head, 1, 2, 256, seed=5)
    write_people(tmp_path / "two", small_head, 2, 2, 256, seed=5)
    assert np.array_equal(read(tmp_path / "one", "rendered-01"), read(tmp_path / "two", "rendered-01"))
    before = find_clips(tmp_path / "two" / "rendered-02")[0].stat().st_mtime_ns
    write_people(tmp_path / "two", small_head, 2, 2, 256, seed=5)
    assert find_clips(tmp_path / "two" / "rendered-02")[0].stat().st_mtime_ns == before
