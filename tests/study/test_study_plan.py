"""A plan's name is its content, and it says nothing of the clips."""

import pytest
from pydantic import ValidationError
from test_study_order import plan_of

from h2h.study.plan import Plan, make_plan


def test_the_name_depends_on_the_content_alone():
    plan = plan_of()
    value = plan.as_json()
    assert value.pop("study") == plan.study
    assert Plan.model_validate(value).study == plan.study
    assert Plan.model_validate(value | {"about": "somebody else"}).study != plan.study


def test_the_order_of_the_arguments_is_not_seen():
    names = [f"{i:016x}" for i in range(6)]
    hashes = {name: name + "0" * 48 for name in reversed(names)}
    other = make_plan(hashes, names[3::-1], [(names[0], names[5], names[4])], "", [])
    assert other == plan_of()


def test_clips_that_no_trial_shows_are_refused():
    value = plan_of().model_dump()
    with pytest.raises(ValidationError, match="belong together"):
        Plan.model_validate(value | {"ratings": ()})
    with pytest.raises(ValidationError, match="belong together"):
        Plan.model_validate(value | {"ratings": value["ratings"] * 2})
