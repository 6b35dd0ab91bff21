from pathlib import Path

import pytest

from h2h.config import load_params
from h2h.stages.differences import departures, what_differs

ROOT = Path(__file__).parents[2]


def test_the_laptop_profile_says_where_it_departs():
    params = load_params(ROOT / "params.yaml")
    sentence = what_differs(params, ["franck"], ["dlib"])
    for words in (
        "franck",
        "128 x 128",
        "2 halvings",
        "without discriminators",
        "covers most",
        "enlarged",
        "NMFC",
        "not ArcFace",
    ):
        assert words in sentence


def test_the_papers_setting_departs_in_nothing():
    params = load_params(ROOT / "params.yaml", ROOT / "params" / "paper.yaml")
    assert departures(params) == []


@pytest.mark.parametrize(
    "section, key, value, words",
    [
        ("network", "filters", 32, "32 filters"),
        ("network", "x2face", "trained", "X2Face is trained here"),
        ("finetune", "window", "covering", "covers"),
        ("losses", "close_up", 1.0, "enlarged"),
        ("nmfc", "supersample", 3, "3 times"),
        ("pretrain", "imported", "models/a.h2hinit", "imported (a.h2hinit)"),
        ("finetune", "epochs", 7.5, "20 and 7.5 epochs"),
        ("losses", "perceptual_network", "efficientnet_lite0", "VGG19"),
    ],
)
def test_each_choice_is_told(section, key, value, words):
    params = load_params(ROOT / "params.yaml", ROOT / "params" / "paper.yaml")
    part = getattr(params, section).model_copy(update={key: value})
    (told,) = departures(params.model_copy(update={section: part}))
    assert words in told
