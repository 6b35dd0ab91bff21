"""What a table says of how its setting differs from that of the published table beside it."""

from pathlib import Path

from h2h.config import load_params
from h2h.stages.differences import side_by_side, what_differs

ROOT = Path(__file__).parents[2]


def aspects(table, *networks):
    params = load_params(ROOT / "params.yaml")
    found = side_by_side(params, table, ["franck"], ["dlib"], networks)
    return {name: (here, there) for name, here, there in found}


def test_the_laptop_profile_says_where_it_departs():
    sentence = what_differs(load_params(ROOT / "params.yaml"), "table1", ["franck"], ["dlib"])
    for words in (
        "Head2HeadFS, Table 1",
        "franck",
        "128 x 128",
        "2 halvings",
        "without discriminators",
        "covers most",
        "enlarged",
        "NMFC",
        "gaze images",
        "not ArcFace",
        "DIS",
        "LSFM",
    ):
        assert words in sentence


def test_head2heads_tables_have_head2heads_setting():
    """About 4000 frames a video, whose last third is held out; a network a person; no FID."""
    for table in ("table1a", "table1b"):
        there = {name: paper for name, (_, paper) in aspects(table).items()}
        assert there["held out"] == "the last third" and there["FID's features"] == "no FID"
        assert (
            there["initialised on"] == "nobody: one network a person"
            and "two thirds" in there["trained on, of each person"]
        )
        sentence = what_differs(load_params(ROOT / "params.yaml"), table, ["franck"], ["dlib"])
        assert "480" not in sentence and "ArcFace" not in sentence and "Head2Head, Table I" in sentence
    assert "4000" in aspects("table1a")["trained on, of each person"][1]


def test_the_frames_are_those_of_the_tables_rows():
    assert aspects("table1")["trained on, of each person"] == ("50 frames", "50 frames")
    assert aspects("table2")["trained on, of each person"] == (
        "50 or 500 frames",
        "500 frames of two people, 250 of two",
    )
    assert aspects("table3")["trained on, of each person"] == ("no fine-tuning", "no fine-tuning")
    assert aspects("adaptation")["trained on, of each person"][0] == "10, 50, 100, 250 or 500 frames"


def test_who_the_networks_have_learned_from():
    """By their cards: params.yaml does not know who joined by role or `company`, nor who was rejected."""
    default, second = {"people": ["langer", "audun", "newcomer"]}, {"people": ["franck"]}
    authors = {"people": []}  # X2Face's released weights
    three = "3 people (audun, langer, newcomer)"
    assert aspects("table1", default, authors, default)["initialised on"] == (three, "480 people")
    assert aspects("table2", default)["initialised on"][0] == f"{three}, or nobody"
    assert aspects("table1_full", default, second)["initialised on"][0] == f"{three}; 1 person (franck)"
    assert aspects("table1")["initialised on"][0] == "no data yet"


def test_an_imported_network_has_learned_from_its_own_people():
    bundle = {"bundle": "ours.h2hinit", "people": 40, "h2h": "1.0"}
    nameless = {"people": [], "imported": bundle}
    named = {"people": ["zoe", "yan"], "imported": {**bundle, "people": 2}}
    assert aspects("table1", nameless)["initialised on"][0] == "40 people, imported"
    assert aspects("table1", named)["initialised on"][0] == "2 people (yan, zoe), imported"
