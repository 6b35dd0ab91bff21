import numpy as np
import pytest

from h2h.evaluation.bootstrap import block_draws, jackknife_interval, jackknife_runs, shifted_interval


def test_blocks_are_runs_and_every_frame_is_drawn_alike():
    draws = block_draws(40, 3000, seed=1)
    steps = np.diff(draws.reshape(3000, 4, 10)) % 40
    assert draws.shape == (3000, 40) and (steps == 1).all()
    assert np.bincount(draws.ravel(), minlength=40) == pytest.approx(3000, rel=0.15)


def test_shifted_draws_keep_their_spread():
    draws = np.random.default_rng(0).normal(7, 1, 20000)
    assert shifted_interval(5.0, draws) == pytest.approx((5 - 1.96, 5 + 1.96), abs=0.06)
    assert shifted_interval(0.5, draws)[0] == 0


def test_jackknife_of_a_mean_is_students_interval_of_the_runs():
    """Of a mean of equal runs the jackknife's error is the standard error of the runs' means."""
    values = np.random.default_rng(3).normal(50, 4, 100)
    runs = jackknife_runs(100, 5)
    assert [run.sum() for run in runs] == [80] * 5 and (np.sum(runs, axis=0) == 4).all()
    low, high = jackknife_interval(values.mean(), np.array([values[run].mean() for run in runs]))
    means = values.reshape(5, 20).mean(axis=1)
    half = 2.7764 * means.std(ddof=1) / np.sqrt(5)  # Student's t, four degrees of freedom
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), rel=1e-4)
    assert all(np.isnan(jackknife_interval(1.0, np.array([1.0, np.nan]))))
