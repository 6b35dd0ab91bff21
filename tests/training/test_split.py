import pytest

from h2h.errors import Rejected
from h2h.training.split import train_frames


def test_last_hundred_are_held_out():
    assert train_frames(1000, "target", 100, 1 / 3, 50) == 900
    assert train_frames(150, "target", 100, 1 / 3, 50) == 50


def test_short_training_people_hold_out_the_last_third():
    assert train_frames(48, "train", 100, 1 / 3, 50) == 32
    assert train_frames(300, "train", 100, 1 / 3, 50) == 200


def test_short_targets_are_refused_with_the_numbers():
    with pytest.raises(Rejected, match="149 usable frames are too few"):
        train_frames(149, "target", 100, 1 / 3, 50)
