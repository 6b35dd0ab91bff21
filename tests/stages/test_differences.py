from pathlib import Path

import pytest
import yaml

from h2h.config import load_params
from h2h.stages.differences import PAPER, departures, what_differs

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
        "gaze images",
        "not ArcFace",
    ):
        assert words in sentence


def test_the_papers_setting_departs_in_nothing():
    params = load_params(ROOT / "params.yaml", ROOT / "params" / "paper.yaml")
    assert departures(params) == []


def test_the_papers_setting_does_not_depend_on_the_laptops(tmp_path):
    """Every value that FS gives is in the profile itself: who changes params.yaml does not change the papers'."""
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    other = {bool: lambda value: not value, str: {"hinge": "lsgan", "inception_resnet_v1": "none"}.get}
    for section, key in PAPER:
        wanted = PAPER[section, key][0]
        values[section][key] = other.get(type(wanted), lambda value: value + 2)(wanted)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    assert len(departures(load_params(tmp_path / "params.yaml"))) > len(PAPER)
    assert departures(load_params(tmp_path / "params.yaml", ROOT / "params" / "paper.yaml")) == []


@pytest.mark.parametrize(
    "section, key, value, words",
    [
        ("network", "filters", 32, "32 filters"),
        ("network", "x2face", "trained", "X2Face is trained here"),
        ("network", "gaze", True, "gaze images"),
        ("network", "mouth_conditioned", True, "conditional input"),
        ("network", "dynamics_scales", 2, "2 temporal scales; the paper's 3"),
        ("network", "dynamics_factor", 3, "by 3"),
        ("network", "mouth_scales", 1, "1 image scale"),
        ("losses", "adversarial", "lsgan", "lsgan"),
        ("losses", "mask", 1.0, "weight 1; the paper's 10"),
        ("losses", "pixel", 1.0, "L1"),
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
