"""What pages read of tables: names stay the text that they are."""

import pandas as pd
import pytest

from h2h.evaluation import cycle_table, detection_table, score_table, transfer_table
from h2h.io.cards import write_card, write_rejection
from h2h.stages.cycle_section import there_and_back
from h2h.stages.page_data import Site, done_cards, read_table, rejections

ODD = ("007", "1e5", "NA", "null", "nan", "True")
SCORES = {"frames": 10, "features": "dlib", "average_pixel_distance": 1.5}


@pytest.mark.parametrize("name", ODD)
def test_people_and_experiments_may_look_like_numbers_or_nothing(tmp_path, name):
    file = tmp_path / "table.csv"
    for rows, columns in (
        (score_table.rows({(name, name): SCORES, ("ann", "ours"): SCORES}, ["ours", name]), ["person", "experiment"]),
        (transfer_table.rows({(name, name, name): SCORES}, [name]), ["target", "source", "experiment"]),
        (cycle_table.rows({(name, name, name): SCORES}, {(name, name): SCORES}), ["person", "partner", "experiment"]),
    ):
        rows.to_csv(file, index=False)
        found = read_table(file)
        assert found[columns].to_numpy().tolist() == rows[columns].to_numpy().tolist()
        assert found["frames"].tolist() == rows["frames"].tolist()
        assert all(found[key].dtype.kind == "f" for key in found if key.endswith("_low"))  # missing ones are NaN


def test_cards_that_are_being_written_are_not_there_yet(tmp_path):
    """Another job may be at it while a page is made, or was killed."""
    folder = tmp_path / "frames"
    write_card(touched(folder / "ann.h5"), "frames", "ann", {})
    write_rejection(folder / "bea.h5", "frames", "bea", "no face", "film it")
    (folder / ".tmp-1-ann.json").write_text('{"status": "do')
    (folder / ".tmp-2-cyd.json").write_text((folder / "ann.json").read_text())
    (folder / ".tmp-3-dee.json").write_text((folder / "bea.json").read_text().replace('"bea"', '"dee"'))
    assert list(done_cards(folder)) == ["ann"] and list(rejections(tmp_path)) == ["bea"]


def touched(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_studys_columns(tmp_path):
    judged = {"kind": "007", "person": "NA", "driver": "1e5", "kind_known": False, "person_known": True, "frames": 8}
    judged |= {"called_synthesised": 0.25, "low": float("nan"), "high": 0.5, "known": "007"}
    rows = detection_table.rows([judged], ["007"])
    rows.to_csv(tmp_path / "detector.csv", index=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "detector.csv"), rows, check_dtype=False)
    detection_table.crossed([judged], ["007"]).to_csv(tmp_path / "crossed.csv")
    assert read_table(tmp_path / "crossed.csv", ["known"]).to_dict("records") == [{"known": "007", "007": 0.25}]


def test_a_cycle_without_a_partner_is_a_self_reenactment(tmp_path):
    site = Site.of(tmp_path)
    site.tables.mkdir()
    found = cycle_table.rows({("ann", "NA", "ours"): SCORES}, {("ann", "ours"): SCORES})
    found.to_csv(site.tables / "cycle_cycles.csv", index=False)
    ways = [row["way"] for row in there_and_back("cycle", site, {"ours": "ours"})["rows"]]
    assert ways == ["ann → NA → ann", "self-reenactment"]
