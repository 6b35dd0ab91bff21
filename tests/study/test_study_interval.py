"""Intervals of shares."""

import numpy as np
import pytest
from scipy.stats import binomtest

from h2h.study.interval import share_interval, wilson


@pytest.mark.parametrize("hits, count", [(0, 5), (3, 7), (70, 95), (95, 95)])
def test_wilson_is_scipys(hits, count):
    found = binomtest(hits, count).proportion_ci(method="wilson")
    assert wilson(hits / count, count) == pytest.approx((found.low, found.high), abs=1e-12)


def test_one_answer_each_is_wilson():
    answers = np.array([1, 1, 0, 1], bool)[:, None]
    assert share_interval(answers, 100, 0) == (0.75, *wilson(0.75, 4))


def test_a_participants_answers_are_not_independent():
    """Ten answers of each that all agree are worth one of each."""
    rng = np.random.default_rng(0)
    single = rng.random((80, 1)) < 0.6
    _, low, high = share_interval(np.repeat(single, 10, axis=1), 4000, 0)
    assert (low, high) == pytest.approx(wilson(single.mean(), 80), abs=0.02)
    _, low10, high10 = share_interval(rng.random((80, 10)) < 0.6, 4000, 0)
    assert high10 - low10 < 0.6 * (high - low)


def test_where_a_bootstrap_says_nothing():
    assert share_interval(np.ones((3, 4), bool), 100, 0) == (1.0, *wilson(1.0, 3))
    assert share_interval(np.array([[True, False]]), 100, 0) == (0.5, *wilson(0.5, 1))
    assert np.isnan(share_interval(np.empty((0, 0), bool), 100, 0)).all()


def test_every_participant_may_be_drawn():
    """Only the last one differs: without a draw of that one the interval would be a point."""
    answers = np.array([[0, 1], [0, 1], [1, 1]], bool)
    for order in (answers, answers[::-1]):
        _, low, high = share_interval(order, 1000, 0)
        assert low == 0.5 < high
