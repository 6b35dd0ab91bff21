"""The order of a study."""

from collections import Counter

from h2h.study.order import mulberry32, order
from h2h.study.plan import make_plan


def plan_of(clips=6):
    names = [f"{i:016x}" for i in range(clips)]
    hashes = {name: name + "0" * 48 for name in names}
    return make_plan(hashes, names[:4], [(names[0], names[4], names[5])], "", [])


def test_the_generator_gives_the_published_numbers():
    """mulberry32(1) as the public-domain reference in C computes it."""
    draw = mulberry32(1)
    assert [draw() for _ in range(3)] == [2693262067, 11749833, 2265367787]


def test_every_trial_once_in_all_orders_and_on_both_sides():
    plan = plan_of()
    seen = [order(plan, seed) for seed in range(300)]
    assert all(sorted(t for t, _ in one[:4]) == sorted(r.trial for r in plan.ratings) for one in seen)
    assert all(one[4][0] == plan.preferences[0].trial for one in seen)
    first = Counter(one[0][0] for one in seen)
    assert len(first) == 4 and min(first.values()) > 45
    left = Counter(one[4][1] for one in seen)
    assert set(left) == set(plan.preferences[0].pair) and min(left.values()) > 110
    assert order(plan, 7) == order(plan, 7)
