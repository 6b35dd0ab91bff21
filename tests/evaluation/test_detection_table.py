import numpy as np
import pandas as pd

from h2h.evaluation import detection_table
from h2h.evaluation.automated_study import REAL


def record(kind, share, person="ann", driver="ann", kind_known=False, person_known=True, **more):
    found = {"kind": kind, "person": person, "driver": driver, "kind_known": kind_known, "person_known": person_known}
    return found | {"frames": 40, "called_synthesised": share, "low": share, "high": min(share + 0.1, 1)} | more


NAMES = {"ours": "ours", "vid2vid": "vid2vid on NMFC"}
JUDGED = [
    record(REAL, 0.05, person="bea", driver="bea", person_known=False),
    record("ours", 0.75),
    record(REAL, 0.0),
    record("vid2vid", 1.0, kind_known=True),
    record("ours", 0.5, driver="bea"),
    record("ours", 0.25, detector="FaceForensics++", person_known=False),
]


def test_rows_are_ordered_and_nested():
    rows = detection_table.rows(JUDGED, ["ours", "vid2vid"])
    assert rows[["experiment", "driver"]].to_numpy().tolist() == [
        ["vid2vid", "ann"], ["ours", "ann"], ["ours", "bea"], [REAL, "ann"], [REAL, "bea"], ["ours", "ann"],
    ]  # fmt: skip
    assert rows["kind"].tolist()[:4] == ["known method", "unknown method", "unknown method", "true"]
    nested = detection_table.scores(rows)
    assert nested["ann"]["ours"] == {"called_synthesised": 0.75}
    assert nested["ann, driven by bea"]["ours"] == {"called_synthesised": 0.5}
    assert nested["bea, unseen"][REAL] == {"called_synthesised": 0.05}
    assert nested["ann, unseen, FaceForensics++"]["ours"] == {"called_synthesised": 0.25}
    assert detection_table.rows([], ["ours"]).empty


def test_crossed_means_over_people():
    one_kind = [record("ours", 0.5, known="vid2vid"), record("ours", 1.0, person="bea", known="vid2vid")]
    one_kind += [record(REAL, 0.0, known="vid2vid"), record("ours", 0.25, known="x2face")]
    table = detection_table.crossed(one_kind, ["ours", "x2face", "vid2vid"])
    assert table.index.tolist() == ["x2face", "vid2vid"] and table.columns.tolist() == ["ours", REAL]
    assert table.loc["vid2vid", "ours"] == 0.75 and np.isnan(table.loc["x2face", REAL])
    assert detection_table.crossed([], ["ours"]).empty


def test_text():
    rows = detection_table.rows(JUDGED, ["ours", "vid2vid"])
    paper = detection_table.published(
        {"h2h": {"detector_accuracy_on_fakes": 0.0188}, "h2hfs": {"detector_accuracy_on_fakes": 0.25}}
    )
    text = detection_table.markdown(rows, pd.DataFrame(), NAMES, paper)
    assert "| trained here | vid2vid on NMFC | ann | ann | known | yes | 40 | 100% (100% to 100%) |" in text
    assert "| trained here | true frames | bea | bea |  | no | 40 | 5% (5% to 15%) |" in text
    assert "50 videos: 1.88% called" in text and "10 videos: 25% called" in text and "one method only" not in text
    assert "was not asked" not in text and "was not asked" in detection_table.markdown(rows[:2], rows[:0], NAMES, paper)
    crossing = detection_table.crossed([record("ours", 0.5, known="vid2vid")], ["ours", "vid2vid"])
    text = detection_table.markdown(rows, crossing, NAMES, paper)
    assert "| vid2vid on NMFC | 50% |" in text
