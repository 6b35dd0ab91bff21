"""Some of many people."""

from __future__ import annotations

import pytest

from h2h.layout.choice import some_of

MANY = [f"p{number:02}" for number in range(50)]


@pytest.mark.parametrize("most", [50, 60])
def test_few_are_all_chosen(most: int):
    assert some_of(MANY, most) == MANY


@pytest.mark.parametrize("newcomer", ["aa", "p07a", "zoe"])
def test_a_newcomer_replaces_one_at_most(newcomer: str):
    before, after = some_of(MANY, 20), some_of(sorted([*MANY, newcomer]), 20)
    assert len(before) == len(after) == 20 and after == sorted(after)
    assert len(set(before) & set(after)) >= 19


def test_nobody():
    assert some_of(MANY, 0) == some_of([], 3) == []
