import pytest

from h2h.training.curves import Curves
from h2h.training.schedule import Schedule


def test_so_many_clips_that_all_epochs_are_seen():
    schedule = Schedule.of(train_frames=50, epochs=60, batch=2, clip_frames=12, chunk_frames=4, decay_fraction=0.5)
    assert schedule.clips == 125 and schedule.chunks == 3
    assert Schedule.of(3, 1, 8, 12, 5, 0.5) == Schedule(1, 3, 0.5)


def test_rates_fall_linearly_over_the_last_part():
    schedule = Schedule(clips=5, chunks=2, decay_fraction=0.4)
    rates = [rate for clip in range(5) for rate in schedule.rates(clip)]
    assert rates == pytest.approx([1, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25])
    assert Schedule(2, 2, 0.0).rates(1) == [1.0, 1.0]


def test_discriminators_start_after_the_warm_up():
    assert [Schedule(4, 1, 0.5, 0.5).adversarial(clip) for clip in range(4)] == [False, False, True, True]
    assert Schedule(4, 1, 0.5).adversarial(0) and not Schedule(4, 1, 0.5, 1.0).adversarial(3)


def test_curves_are_means_between_points():
    curves = Curves()
    for clip, value in enumerate((1.0, 2.0, 6.0), 1):
        curves.add(clip, {"mask": value, **({"late": 4.0} if clip == 3 else {})}, point=clip == 3)
    assert curves.points == [{"clip": 3, "mask": 3.0, "late": 4.0}] and curves.recent == []
