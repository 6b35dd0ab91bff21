"""Results of participants and of strangers."""

import json

import pytest
from study_answers import answers, encoded
from test_study_order import plan_of

from h2h.study.result import LARGEST, BadResult, Pool, read_result


def change(result, **values):
    return encoded(result | values)


def test_a_whole_result_is_read():
    plan = plan_of()
    result = read_result(encoded(answers(plan, 3)), plan)
    assert result.seed == 3 and len(result.answers) == 5
    assert read_result(result.canonical().encode(), plan) == result


def test_hostile_results_are_refused_with_the_reason():
    plan = plan_of()
    good = answers(plan, 3)
    first, *rest = good["answers"]
    last = rest[-1]
    for content, reason in [
        (b"", "no result"),
        (b"\xff\xfe", "no result"),
        (b"[" * 100_000, "no result"),
        (b"[]", "no result"),
        (b" " * (LARGEST + 1), "larger"),
        (encoded(good)[:-9], "no result"),
        (change(good, format="h2h-study-2"), "format"),
        (change(good, study="0" * 32), "another study"),
        (change(good, submission="../../etc/passwd"), "submission"),
        (change(good, seed=-1), "seed"),
        (change(good, seed=True), "seed"),
        (change(good, seed=4), "seed's order"),
        (change(good, extra=1), "extra"),
        (change(good, answers=[first] * 1001), "answers"),
        (change(good, answers=rest), "4 answers"),
        (change(good, answers=[first, *good["answers"]]), "6 answers"),
        (change(good, answers=[rest[0], first, *rest[1:]]), "seed's order"),
        (change(good, answers=[first | {"rating": 6}, *rest]), "rating"),
        (change(good, answers=[first | {"rating": "5"}, *rest]), "rating"),
        (change(good, answers=[first | {"rating": 4.5}, *rest]), "rating"),
        (change(good, answers=[*good["answers"][:-1], last | {"chosen": "f" * 16}]), "not shown"),
        (change(good, answers=[*good["answers"][:-1], last | {"left": "f" * 16}]), "seed's order"),
        (json.dumps(good).replace('"seed": 3', '"seed": NaN').encode(), "no result|seed"),
    ]:
        with pytest.raises(BadResult, match=reason):
            read_result(content, plan)


def test_each_participant_counts_once():
    plan, pool = plan_of(), Pool()
    pool.add(read_result(encoded(answers(plan, 3)), plan), "a.json")
    pool.add(read_result(encoded(answers(plan, 4)), plan), "b.json")
    for again in (answers(plan, 3), answers(plan, 3) | {"submission": "a" * 32}):
        with pytest.raises(BadResult, match=r"duplicate of a\.json"):
            pool.add(read_result(encoded(again), plan), "c.json")
    assert [one.seed for one in pool.results] == [3, 4]
