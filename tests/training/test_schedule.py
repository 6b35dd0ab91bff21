import pytest

from h2h.training.curves import Curves
from h2h.training.schedule import Schedule, growing


def test_so_many_clips_that_all_epochs_are_seen():
    schedule = Schedule.of(train_frames=50, epochs=60, batch=2, lengths=[12], chunk_frames=4, decay_fraction=0.5)
    assert schedule.clips == 125 and schedule.steps == 375 and schedule.frames(124) == 12
    assert Schedule.of(3, 1, 8, [12], 5, 0.5) == Schedule(((1, 12),), 5, 0.5)
    with pytest.raises(IndexError):
        schedule.frames(125)


def test_clips_grow_and_each_length_sees_as_many_frames():
    """Head2Head's release: from 12 to 48 frames."""
    assert growing(12, 48, 1000) == [12, 24, 48] and growing(12, 0, 1000) == [12] == growing(12, 12, 1000)
    assert growing(12, 48, 40) == [12, 24, 40] and growing(12, 48, 9) == [9] and growing(5, 12, 99) == [5, 10, 12]
    schedule = Schedule.of(480, 3, 2, [12, 24, 48], 4, 1.0)
    assert schedule.phases == ((20, 12), (10, 24), (5, 48)) and schedule.clips == 35
    assert [schedule.frames(clip) for clip in (0, 19, 20, 29, 30, 34)] == [12, 12, 24, 24, 48, 48]
    rates = [rate for clip in range(35) for rate in schedule.rates(clip)]
    assert schedule.steps == 3 * 60 and rates == pytest.approx([1 - step / 180 for step in range(180)])
    assert len(schedule.rates(34)) == 12


def test_rates_fall_linearly_over_the_last_part():
    schedule = Schedule(((5, 8),), chunk_frames=4, decay_fraction=0.4)
    rates = [rate for clip in range(5) for rate in schedule.rates(clip)]
    assert rates == pytest.approx([1, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25])
    assert Schedule(((2, 7),), 4, 0.0).rates(1) == [1.0, 1.0]


def test_discriminators_start_after_the_warm_up():
    four = ((4, 1),)
    assert [Schedule(four, 1, 0.5, 0.5).adversarial(clip) for clip in range(4)] == [False, False, True, True]
    assert Schedule(four, 1, 0.5).adversarial(0) and not Schedule(four, 1, 0.5, 1.0).adversarial(3)


def test_curves_are_means_between_points():
    curves = Curves()
    for clip, value in enumerate((1.0, 2.0, 6.0), 1):
        curves.add(clip, {"mask": value, **({"late": 4.0} if clip == 3 else {})}, point=clip == 3)
    assert curves.points == [{"clip": 3, "mask": 3.0, "late": 4.0}] and curves.recent == []
