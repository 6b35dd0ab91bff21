"""The tables, from answers whose numbers are known."""

import pytest
from study_answers import answers, encoded

from h2h.commands.study_tables import PUBLISHED
from h2h.config import read_yaml
from h2h.study.interval import wilson
from h2h.study.markdown import as_markdown
from h2h.study.plan import Key, Shown, make_plan
from h2h.study.result import read_result
from h2h.study.tables import study_tables

SELF, FACE, HEAD, REAL, DRIVING, OTHER = (f"{i:016x}" for i in range(6))
MADE = {"person": "ann", "artifact": "x", "first": 0, "frames": 9}
KEY = {
    SELF: Shown(source="ann", method="ours", transfer="self", **MADE),
    FACE: Shown(source="bea", method="ours", transfer="face", **MADE),
    HEAD: Shown(source="bea", method="ours", transfer="head", **MADE),
    REAL: Shown(**MADE),
    DRIVING: Shown(**MADE | {"person": "bea"}),
    OTHER: Shown(source="bea", method="vid2vid", transfer="head", baseline=True, **MADE),
}
PLAN = make_plan({clip: clip + "0" * 48 for clip in KEY}, [SELF, FACE, HEAD, REAL], [(DRIVING, HEAD, OTHER)], "", [])


def tables(participants):
    """`participants`: ratings of SELF, FACE, HEAD and REAL, and whether ours was chosen."""
    results = []
    for seed, (*ratings, ours) in enumerate(participants):
        given = dict(zip((SELF, FACE, HEAD, REAL), ratings, strict=True))
        content = answers(PLAN, seed, given.get, lambda pair, ours=ours: HEAD if ours else OTHER)
        results.append(read_result(encoded(content), PLAN))
    return study_tables(PLAN, Key(study=PLAN.study, clips=KEY), results, 200, 0)


def test_counts_and_shares():
    found = tables([(5, 1, 4, 5, True), (4, 1, 3, 5, True), (3, 2, 4, 1, False)])
    (row,) = found["table2"].to_dict("records")
    assert row["video"] == "ann" and [row[f"synthesised_{n}"] for n in range(1, 6)] == [0, 0, 1, 1, 1]
    assert [row[f"real_{n}"] for n in range(1, 6)] == [1, 0, 0, 0, 2]
    assert (row["synthesised_share"], row["synthesised_low"], row["synthesised_high"]) == pytest.approx(
        (2 / 3, *wilson(2 / 3, 3))
    )
    face, head, average = found["table3"].to_dict("records")
    assert face["video"] == "ann, driven by bea (face-reenact.)" and face["synthesised_share"] == 0
    assert head["video"] == "ann, driven by bea (full-reenact.)" and head["synthesised_4"] == 2
    assert average["video"] == "average" and average["synthesised_1"] == 1 and average["synthesised_4"] == 1
    assert average["synthesised_share"] == pytest.approx(1 / 3) and average["real_share"] == pytest.approx(2 / 3)
    (choice,) = found["preference"].to_dict("records")
    assert (choice["baseline"], choice["ours"], choice["answers"]) == ("vid2vid", 2, 3)
    assert choice["share"] == pytest.approx(2 / 3)


def test_as_text_beside_the_published_averages():
    published = read_yaml(PUBLISHED)["h2h"]
    text = as_markdown(tables([(5, 1, 4, 5, True)]), 1, published)
    assert "1 participant." in text and "| ann | 0 | 0 | 0 | 0 | 1 | 100% (21% to 100%) |" in text
    assert "*published average, 95 participants* | 6 | 10 | 16 | 32 | 30 | 66% | 4 | 7 | 13 | 32 | 39 | 75% |" in text
    assert "| Deep Video Portraits |  | 70 | 60% |" in text
    assert as_markdown({}, 0, published) == "# User study\n\nNo participants yet.\n"
