import pytest
import torch
from synthetic import write_cache

from h2h.config import load_params
from h2h.errors import MissingAsset, Rejected
from h2h.training import session
from h2h.training.clips import Person
from h2h.training.networks import build_networks
from h2h.training.session import build_perceptual, clip_lengths


def losses(**changes):
    return load_params().losses.model_copy(update={"vgg_weights": "nowhere.pth", **changes})


def test_perceptual_network_by_what_there_is(tmp_path):
    assert build_perceptual(losses(perceptual=0, close_up=0)) is None
    assert build_perceptual(losses(perceptual=0)) is not None  # the close-ups need it too
    assert len(build_perceptual(losses()).stages) == 5  # EfficientNet-Lite0
    with pytest.raises(MissingAsset, match=r"nowhere\.pth"):
        build_perceptual(losses(perceptual_network="vgg19"))
    from torchvision.models import vgg19

    torch.save(vgg19(weights=None).state_dict(), tmp_path / "vgg.pth")
    found = build_perceptual(losses(vgg_weights=str(tmp_path / "vgg.pth")))
    assert found.weights == (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)
    named = losses(vgg_weights=str(tmp_path / "vgg.pth"), perceptual_network="efficientnet_lite0")
    assert build_perceptual(named).weights != found.weights


def test_an_interrupted_training_does_not_go_on_with_another_perceptual_loss(tmp_path, monkeypatch):
    """VGG19's weights may arrive in between, and `auto` would take them."""
    params, marks = load_params(), []

    def snapshot(_path, mark):
        marks.append(mark)
        raise InterruptedError

    monkeypatch.setattr(session, "Snapshot", snapshot)
    monkeypatch.setattr(session, "build_perceptual", lambda _losses: torch.nn.Identity())
    network = params.network.model_copy(update={"embedder": "tiny", "filters": 4})
    options = {"seed": 1, "lengths": [12], "snapshot_path": tmp_path / "s", "mark": "same", "title": ""}
    weights = tmp_path / "vgg.pth"
    for there in (False, False, True):
        if there:
            weights.touch()
        chosen = losses(vgg_weights=str(weights))
        with pytest.raises(InterruptedError):
            session.run_training(build_networks(network, 32, 1), [], params.pretrain, chosen, params.compute, **options)
    assert marks[0] == marks[1] != marks[2]


def test_clip_lengths(tmp_path):
    long = Person(write_cache(tmp_path / "long.h5", "long", 40, 32), False)
    short = Person(write_cache(tmp_path / "short.h5", "short", 40, 32, cuts=(5, 10, 15, 20, 25, 30, 35)), False)
    none = Person(write_cache(tmp_path / "none.h5", "none", 40, 32, cuts=tuple(range(2, 40, 2))), False)
    assert clip_lengths([long, short], 12, 0) == ([long], [12])
    assert clip_lengths([short, none], 12, 48) == ([short], [5])
    assert clip_lengths([long, short], 12, 48) == ([long], [12, 24, 30])
    assert clip_lengths([long, short], 5, 20) == ([long, short], [5, 10, 20])
    # not one person's clips alone, where most have shorter runs
    assert clip_lengths([short, long, short], 5, 20) == ([short, long, short], [5])
    with pytest.raises(Rejected, match="none"):
        clip_lengths([none], 12, 0)
