"""Which choices of a table's rows are not the paper's."""

from pathlib import Path

import pytest
import yaml

from h2h.config import load_params
from h2h.stages.departures import PAPER, departures

ROOT = Path(__file__).parents[2]


@pytest.fixture
def papers_setting(tmp_path):
    """The papers' profile, with what only others may hand out in its place."""
    (tmp_path / "lsfm.mat").touch()

    def load(file=ROOT / "params.yaml"):
        params = load_params(file, ROOT / "params" / "paper.yaml")
        return replaced(
            replaced(params, "head_model", path=str(tmp_path / "lsfm.mat")), "flow_data", source=str(tmp_path)
        )

    return load


def replaced(params, section, **values):
    return params.model_copy(update={section: getattr(params, section).model_copy(update=values)})


def test_the_papers_setting_departs_in_nothing(papers_setting):
    assert departures(papers_setting(), "table1") == []
    assert departures(papers_setting(), "table3") == ["the initialisation has 20 epochs; the paper's 16"]


def test_the_papers_setting_does_not_depend_on_the_laptops(tmp_path, papers_setting):
    """Every value that FS gives is in the profile itself: who changes params.yaml does not change the papers'."""
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    other = {bool: lambda value: not value, str: {"hinge": "lsgan", "inception_resnet_v1": "none"}.get}
    for section, key in PAPER:
        wanted = PAPER[section, key][0]
        values[section][key] = other.get(type(wanted), lambda value: value + 2)(wanted)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    assert len(departures(load_params(tmp_path / "params.yaml"), "table1")) > len(PAPER)
    assert departures(papers_setting(tmp_path / "params.yaml"), "table1") == []


@pytest.mark.parametrize(
    "section, key, value, words",
    [
        ("network", "filters", 32, "32 filters"),
        ("network", "x2face", "trained", "X2Face is trained here"),
        ("network", "gaze", True, "gaze images"),
        ("network", "mouth_conditioned", True, "conditional input"),
        ("network", "dynamics_scales", 2, "2 temporal scales; the paper's 3"),
        ("network", "dynamics_factor", 3, "by 3"),
        ("network", "dynamics_foreground", False, "frames with their background"),
        ("network", "mouth_scales", 1, "1 image scale"),
        ("losses", "adversarial", "lsgan", "lsgan"),
        ("losses", "mask", 1.0, "weight 1; the paper's 10"),
        ("losses", "pixel", 1.0, "L1"),
        ("finetune", "window", "covering", "covers"),
        ("losses", "close_up", 1.0, "enlarged"),
        ("nmfc", "supersample", 3, "3 times"),
        ("pretrain", "imported", "models/a.h2hinit", "imported (a.h2hinit)"),
        ("finetune", "epochs", 7.5, "fine-tuning has 7.5 epochs; the paper's 15"),
        ("flow", "method", "dis", "FlowNet2's, fine-tuned on 4D scans"),
        ("flow_pretrain", "width", 0.25, "trained here"),
        ("flow_data", "source", "synthetic", "rendered heads"),
        ("landmarks", "method", "mediapipe", "MediaPipe's"),
        ("matting", "method", "mediapipe", "face parsing"),
        ("head_model", "source", "anny", "the LSFM"),
        ("head_model", "path", "nowhere.mat", "the LSFM"),
        ("head_model", "source", "flame", "is flame; the paper's is the LSFM"),
        ("losses", "perceptual_network", "efficientnet_lite0", "VGG19"),
    ],
)
def test_each_choice_is_told(section, key, value, words, papers_setting):
    (told,) = departures(replaced(papers_setting(), section, **{key: value}), "table1")
    assert words in told


def test_what_the_tables_rows_change_counts():
    """table3_early has its discriminators from the first clip on; no row of Table 3 is fine-tuned."""
    params = load_params(ROOT / "params.yaml")
    later, early = (" ".join(departures(params, name)) for name in ("table3", "table3_early"))
    assert "90% of the initialisation" in later and "without discriminators" not in early
    assert "fine-tuning" not in later and "draws it at random" not in later


def test_what_only_some_rows_do_is_told_of_them():
    params = load_params(ROOT / "params.yaml")
    of_two = departures(params, "table2")
    assert (
        "the adversarial loss is lsgan; FS' is the hinge loss (Head2Head, 500 frames without initialisation)" in of_two
    )
    (short,) = [words for words in of_two if words.startswith("the fine-tuning has 26 epochs")]
    assert short.endswith("(ours, without initialisation)")
    assert not any(words.endswith(")") for words in departures(params, "table1"))


def test_head2heads_tables_are_held_against_head2head():
    params = load_params(ROOT / "params.yaml")
    said = departures(params, "table1b")
    assert not any("gaze" in words or "epochs" in words or "FS" in words for words in said)  # it has gaze images
    for words in ("Head2Head's is lsgan", "Head2Head has a network a person", "a mask is learned", "no matting"):
        assert any(words in one for one in said)
    (flow,) = [words for words in departures(params, "table1a") if "dense inverse search" in words]
    assert flow.endswith("(ours)")  # the other two rows have flow networks


def test_nothing_is_told_of_a_row_that_is_not_trained():
    params = load_params(ROOT / "params.yaml")
    table = params.tables["table3"].model_copy(update={"rows": ["nearest_frame"]})
    assert departures(params.model_copy(update={"tables": {**params.tables, "table3": table}}), "table3") == []


def test_the_network_of_the_perceptual_loss_is_the_one_that_training_takes(tmp_path, papers_setting):
    """EfficientNet if it is chosen, whatever weights there are; with `auto` if VGG19's are missing."""
    weights = tmp_path / "vgg19.pth"
    for name, there, departs in (
        ("efficientnet_lite0", True, True),
        ("efficientnet_lite0", False, True),
        ("auto", True, False),
        ("auto", False, True),
        ("vgg19", False, False),
    ):
        weights.touch() if there else weights.unlink(missing_ok=True)
        params = replaced(papers_setting(), "losses", perceptual_network=name, vgg_weights=str(weights))
        assert any("VGG19" in words for words in departures(params, "table1")) is departs, (name, there)
