from dataclasses import replace

import numpy as np
import pytest

from h2h.evaluation.automated_study import REAL, Clip, Split, _trained, judged_by, study
from h2h.evaluation.forgery_detector import train_detector

RNG = np.random.default_rng(0)
WIDE = 6


def clip(kind, person, driver=None, index=range(100), offset=0.0):
    """Features are noise; synthesised ones are `offset` away in their first number."""
    features = RNG.normal(size=(len(index), WIDE)).astype(np.float32)
    features[:, 0] += offset
    return Clip(kind, person, driver or person, np.array(index), features)


def test_the_plane_separates_and_sides_count_alike():
    real, fake = [RNG.normal(size=(400, 2))], [RNG.normal(size=(40, 2)) + np.array([6, 0])]
    judge = train_detector([real], [fake], 0.01)
    assert (judge(real[0]) < 0.5).mean() > 0.97 and (judge(fake[0]) > 0.5).mean() > 0.97
    middle = judge(np.array([[3.0, 0.0]]))
    assert 0.2 < middle[0] < 0.8  # ten times as many true frames do not move the border
    with pytest.raises(ValueError, match="true and synthesised"):
        train_detector([real], [[real[0][:0]]], 0.01)


def test_ten_times_as_many_true_frames_do_not_make_everything_true():
    """Sides that overlap: where both are as likely, the detector is undecided."""
    rng = np.random.default_rng(1)
    judge = train_detector([[rng.normal(size=(20000, 1))]], [[rng.normal(size=(2000, 1)) + 1]], 0.01)
    assert judge(np.array([[0.5]]))[0] == pytest.approx(0.5, abs=0.05)


def test_who_is_seen_on_both_sides_counts_for_half_of_the_true_frames():
    """Ann looks 1, three others -1, and what is synthesised of ann 1.5: unbalanced, ann's face alone tells."""
    clips = [replace(clip(REAL, who), features=np.full((100, 1), -1.0)) for who in ("bea", "cleo", "dan")]
    noise = np.random.default_rng(1).normal(scale=0.5, size=(100, 1))
    clips += [replace(clip(REAL, "ann"), features=1 + noise), replace(clip("ours", "ann"), features=1.5 + noise)]
    splits = {who: Split.of(60, 100) for who in ("ann", "bea", "cleo", "dan")}
    half = _trained(clips, splits, ["ours"], {"ann"}, 0.01)
    alike = _trained(clips, splits, ["ours"], set(splits), 0.01)
    assert half(np.array([[1.0]]))[0] < alike(np.array([[1.0]]))[0] - 0.05


def test_groups_count_alike_however_many_clips_they_have():
    near, far = RNG.normal(size=(50, 1)), RNG.normal(size=(50, 1)) - 4
    fake = [[RNG.normal(size=(50, 1)) + 1]]
    few = train_detector([[near], [far]], fake, 0.01)
    many = train_detector([[near], [far, far, far]], fake, 0.01)
    assert np.isclose(few(np.zeros((1, 1))), many(np.zeros((1, 1))), atol=0.02)


def people():
    clips = [clip(REAL, "ann"), clip(REAL, "bea"), clip("vid2vid", "ann", index=range(60, 100), offset=9)]
    clips += [clip("ours", "ann", index=range(60, 100), offset=9), clip("ours", "ann", "bea", range(30), 9)]
    clips += [clip("copied", "ann", index=range(60, 100)), clip("many", "bea", index=range(60, 100), offset=9)]
    return clips, {"ann": Split.of(60, 100), "bea": Split.of(60, 100)}


def test_what_is_judged_and_by_whom():
    clips, splits = people()
    assert splits["ann"] == Split(78, 82)
    found = study(clips, splits, ["vid2vid", "x2face"], 0.01, 50, 1)
    assert found["known"] == ["vid2vid"]
    rows = {(r["kind"], r["person"], r["driver"], r["person_known"]): r for r in found["judged"]}
    assert set(rows) == {
        (REAL, "ann", "ann", True), ("vid2vid", "ann", "ann", True), ("ours", "ann", "ann", True),
        ("ours", "ann", "bea", True), ("copied", "ann", "ann", True),
        (REAL, "bea", "bea", False), ("many", "bea", "bea", False),  # by a detector that has not seen bea
    }  # fmt: skip
    for (kind, *_), row in rows.items():
        true = kind in (REAL, "copied")
        assert (row["called_synthesised"] < 0.1) if true else (row["called_synthesised"] > 0.9)
        assert row["low"] <= row["called_synthesised"] <= row["high"]
    assert rows["vid2vid", "ann", "ann", True]["kind_known"] and not rows["ours", "ann", "ann", True]["kind_known"]
    assert rows[REAL, "ann", "ann", True]["frames"] == 18 == rows["ours", "ann", "ann", True]["frames"]
    assert rows["ours", "ann", "bea", True]["frames"] == 30 and rows[REAL, "bea", "bea", False]["frames"] == 100


def test_no_frame_near_the_judged_ones_is_trained_on():
    """True frames that are marked from the gap on: a detector that saw one of them would call them true."""
    clips, splits = people()
    late = clips[0].index >= splits["ann"].trained
    clips[0].features[late, 0] += 9
    rows = study(clips, splits, ["vid2vid"], 0.01, 50, 1)["judged"]
    assert next(r for r in rows if (r["kind"], r["person"]) == (REAL, "ann"))["called_synthesised"] == 1


def test_detectors_of_one_kind_keep_to_the_same_split():
    clips, splits = people()
    clips.append(clip("x2face", "ann", index=range(60, 100), offset=-9))
    rows = study(clips, splits, ["vid2vid", "x2face"], 0.01, 50, 1)["one_kind"]
    found = {(r["known"], r["kind"]): r["called_synthesised"] for r in rows}
    assert found["x2face", "x2face"] > 0.9 > 0.1 > found["x2face", "ours"] and found["vid2vid", "ours"] > 0.9
    assert all(r["frames"] == 18 for r in rows)


def test_without_known_synthesised_frames_nothing_is_said():
    clips, splits = people()
    assert study(clips, splits, ["x2face"], 0.01, 50, 1) == {"known": [], "judged": [], "one_kind": []}
    alone = study([c for c in clips if c.person == "ann"], splits, ["vid2vid"], 0.01, 50, 1)
    assert all(row["person_known"] for row in alone["judged"])


def test_a_kind_without_a_frame_to_train_on_is_not_known():
    """Of X2Face's frames no early one has a face, and of all clips of a third method none has."""
    clips, splits = people()
    clips += [clip("x2face", "ann", index=range(90, 100), offset=9), clip("other", "ann", index=[])]
    found = study(clips, splits, ["vid2vid", "x2face", "other"], 0.01, 50, 1)
    assert found["known"] == ["vid2vid"] == sorted({r["known"] for r in found["one_kind"]})
    (row,) = [r for r in found["judged"] if r["kind"] == "x2face"]
    assert not row["kind_known"] and row["frames"] == 10
    assert study(clips, splits, ["x2face"], 0.01, 50, 1) == {"known": [], "judged": [], "one_kind": []}


def test_a_detector_without_a_person_needs_frames_of_the_others():
    """Bea's vid2vid frames are too late, Ann's are not: without Ann there is nothing to train on."""
    clips, splits = people()
    clips.append(clip("vid2vid", "bea", index=range(90, 100), offset=9))
    rows = study(clips, splits, ["vid2vid"], 0.01, 50, 1)["judged"]
    assert {r["person"] for r in rows if not r["person_known"]} == {"bea"}
    clips.append(clip("x2face", "bea", index=range(60, 100), offset=9))
    rows = study(clips, splits, ["vid2vid", "x2face"], 0.01, 50, 1)["judged"]
    unseen = {(r["person"], r["kind"]): r["kind_known"] for r in rows if not r["person_known"]}
    assert not unseen["ann", "vid2vid"] and unseen["bea", "vid2vid"]  # only this one's detector has seen the kind
    assert not study([c for c in clips if c.kind != REAL], splits, ["vid2vid"], 0.01, 50, 1)["known"]


def test_a_foreign_detector_knows_nobody():
    clips, _ = people()
    rows = judged_by(lambda features: np.full(len(features), 0.9), clips[:2], 50, 1)
    assert [row["called_synthesised"] for row in rows] == [1, 1]
    assert not any(row["person_known"] or row["kind_known"] for row in rows)
