"""The profile "paper" is the papers' setting, key by key, however the laptop's parameters change."""

from pathlib import Path

import pytest

from h2h.commands.profile import values_of
from h2h.config.loader import Params, validate

PUBLISHED = {  # section of Head2HeadFS, where no other paper is named
    "image.size": 256,  # 4, Dataset
    "frames.fps": 20,
    "frames.max_frames": 1000,
    "cache.test_frames": 100,
    "matting.method": "bisenet",  # 3.1 and 4: face parsing
    "head_model.identity": 157,  # the LSFM
    "head_model.expression": 30,
    "landmarks.method": "fan",
    "tracking.dense_weight": 0,  # 68 landmarks alone
    "flow.method": "flownet2",  # 4, Implementation details
    "flow.network": "facial",
    "network.condition_frames": 3,  # eq. 5
    "network.history_frames": 2,
    "network.filters": 64,  # vid2vid's networks
    "network.patch": 1,
    "network.discriminator_filters": 64,
    "network.embedder": "inception_resnet_v1",  # facenet
    "network.embedding": 512,
    "network.gaze": False,  # no gaze image in FS
    "network.landmarks": False,
    "network.mouth_conditioned": False,  # 3.3: D_M receives the cropped mouth regions
    "network.mouth_discriminator": True,
    "network.dynamics_discriminator": True,
    "network.dynamics_frames": 3,
    "network.dynamics_scales": 3,  # 4: three temporal scales, sub-sampled by two
    "network.dynamics_foreground": True,  # 3.3: the flow is extracted from Y, which has no background
    "network.dynamics_factor": 2,
    "losses.adversarial": "hinge",
    "losses.perceptual": 10,  # 4: all four lambdas
    "losses.feature_matching": 10,
    "losses.mask": 10,
    "losses.identity_matching": 10,
    "losses.close_up": 0,  # ours, for small pictures
    "losses.pixel": 0,
    "losses.perceptual_network": "vgg19",
    "pretrain.epochs": 20,
    "pretrain.embedding_frames": 8,  # M, of the few-shot talking heads; FS leaves it open
    "pretrain.lr_generator": 5e-5,  # likewise
    "pretrain.lr_embedder": 5e-5,
    "pretrain.lr_discriminator": 2e-4,
    "pretrain.warmup_fraction": 0,  # 3.3: all networks are trained jointly
    "pretrain.augment": 0,
    "pretrain.average": 0,
    "pretrain.imported": None,
    "finetune.epochs": 15,
    "finetune.window": "drawn",  # 4, Dataset: a random subset of subsequent frames
    "finetune.lr_generator": 5e-5,
    "finetune.lr_discriminator": 2e-4,
    "finetune.warmup_fraction": 0,
    "finetune.augment": 0,
    "finetune.average": 0,
}


def profile(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(Path(__file__).parents[2])
        return validate(Params, values_of(name), name)


@pytest.fixture(scope="module")
def paper():
    return profile("paper").model_dump()


@pytest.mark.parametrize("key", PUBLISHED)
def test_the_papers_say_so(paper, key):
    section, name = key.split(".")
    assert paper[section][name] == PUBLISHED[key]


def test_fine_tuning_sees_as_few_frames_as_in_the_paper(paper):
    assert 50 <= paper["finetune"]["frames"] <= 500


@pytest.mark.parametrize("name", ["laptop", "paper"])
def test_slow_and_fast_are_half_and_twice_the_rate(name):
    params, found = profile(name), []
    for row, factor in ((row, f) for row in params.experiments for f in (0.5, 2)):
        other = f"{row}_{'slow' if factor < 1 else 'fast'}"
        if other not in params.experiments:
            continue
        found.append(other)
        tuned = params.experiments[row].tuned
        for section in ("pretrain", "finetune") if tuned else ("pretrain",):
            base, changed = (getattr(params.of_experiment(each), section).model_dump() for each in (row, other))
            assert changed.pop("lr_generator") == pytest.approx(factor * base.pop("lr_generator"))
            assert changed == base
        assert params.of_experiment(row).network == params.of_experiment(other).network
        assert params.experiments[row].targets == params.experiments[other].targets
    baselines = ("vid2vid", "x2face", "pix2pix", "sketch", "portraits")
    assert found == [f"{row}_{word}" for row in baselines for word in ("slow", "fast")]


@pytest.mark.parametrize("name", ["laptop", "paper"])
def test_the_long_training_on_500_frames_has_three_times_the_passes(name):
    params = profile(name)
    short, long = (params.of_experiment(row).finetune.epochs for row in ("frames_500", "frames_500_long"))
    assert long == pytest.approx(3 * short)
    assert params.experiments["frames_500_long"].targets == params.experiments["frames_500"].targets
