"""What the tables and the page say about how a run differs from the paper's."""

from __future__ import annotations

from pathlib import Path

from h2h.config import Params
from h2h.evaluation import score_table
from h2h.evaluation.registry import NETWORKS

RELEASE = (64, 3, 5, 4)  # filters, halvings, residual blocks in each encoder and in the decoder (Head2Head's code)
EPOCHS = (20, 15)  # initialisation and fine-tuning (FS section 4)


def what_differs(params: Params, people: list[str], features: list[str]) -> str:
    """In plain words, why the measured numbers are not the paper's.

    Args:
        params: in force.
        people: who was evaluated.
        features: FID's networks.
    """
    return score_table.what_differs(
        people, params.profile.name, params.image.size, features, params.finetune.frames, departures(params)
    )


def side_by_side(
    params: Params, people: list[str], features: list[str], folds: list[str]
) -> list[tuple[str, str, str]]:
    """What differs, aspect by aspect: its name, here, and in the paper.

    `folds` are those whose targets are scored; the other arguments are as in `what_differs`.
    """
    size = params.image.size
    sets = [params.identities.folds[fold].initialise for fold in folds]
    start = "; ".join(f"{len(names)} people ({', '.join(sorted(names))})" for names in sets)
    return [
        ("data set", ", ".join(people) or "nobody yet", "people of its own, not public"),
        ("profile", f"{params.profile.name}, {size} x {size} px", "256 x 256 px"),
        ("initialised on", start, "480 people of VoxCeleb"),
        ("fine-tuned on", f"{params.finetune.frames} frames", "50 frames"),
        ("held out", f"the last {params.cache.test_frames} frames, fewer of short clips", "the last 100 frames"),
        ("FID's features", ", ".join(NETWORKS.get(name, name) for name in features) or "no data yet", "ArcFace"),
    ]


PAPER = {  # what FS says of the networks and the objective, and the words for another choice
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
    ("losses", "adversarial"): ("hinge", "the adversarial loss is {}; FS' is the {} loss"),
    ("losses", "perceptual"): (10, "the perceptual loss has the weight {:g}; the paper's {}"),
    ("losses", "feature_matching"): (10, "feature matching has the weight {:g}; the paper's {}"),
    ("losses", "mask"): (10, "the mask loss has the weight {:g}; the paper's {}"),
    ("losses", "identity_matching"): (10, "identity matching has the weight {:g}; the paper's {}"),
    ("losses", "pixel"): (0, "an L1 loss between frames has the weight {:g}; the paper has none"),
}


def departures(params: Params) -> list[str]:
    """The choices that decide what is learned and are not the paper's, in words.

    Rates, batches and the discriminators' sizes, which differ too, are in params.yaml.
    """
    found = []
    net = params.network
    shape = (net.filters, net.halvings, net.encoder_blocks, net.decoder_blocks)
    if shape != RELEASE:
        words = "{} filters, {} halvings, {} and {} residual blocks in encoders and decoder"
        found.append(f"the generator has {words.format(*shape)}; the release has {', '.join(map(str, RELEASE))}")
    for (section, key), (wanted, words) in PAPER.items():
        chosen = getattr(getattr(params, section), key)
        if chosen != wanted:
            found.append(words.format(chosen, wanted))
    epochs = (params.pretrain.epochs, params.finetune.epochs)
    if epochs != EPOCHS:
        found.append("the trainings have {:g} and {:g} epochs; the paper's {:g} and {:g}".format(*epochs, *EPOCHS))
    if params.pretrain.imported is not None:
        found.append(
            f"the multi-person network was trained elsewhere and imported ({Path(params.pretrain.imported).name})"
        )
    start, tuning = params.pretrain.warmup_fraction, params.finetune.warmup_fraction
    if start or tuning:
        found.append(
            f"the first {start:.0%} of the initialisation and {tuning:.0%} of the fine-tuning are without "
            "discriminators, to save time; the paper has them throughout"
        )
    if params.finetune.window == "covering":
        found.append(
            "the fine-tuning frames are the run of consecutive training frames that covers most of the person's poses "
            "and expressions; the paper draws it at random. The nearest-frame baseline has the same frames"
        )
    rows = {row for table in params.tables.values() for row in table.experiments}
    if net.x2face == "trained" and any(params.experiments[row].method == "x2face" for row in rows):
        found.append(
            "X2Face is trained here, on the people of the initialisation; the paper's has its authors' weights"
        )
    losses = params.losses
    if losses.perceptual_network != "vgg19" and not Path(losses.vgg_weights).exists():
        found.append("the perceptual loss is EfficientNet-Lite0's; the paper's is VGG19's")
    if losses.close_up:
        found.append("the perceptual loss counts the eyes and the mouth once more, enlarged")
    if params.tracking.dense_weight and params.head_model.dense:
        found.append("faces are tracked with MediaPipe's inner points beside the paper's 68 landmarks")
    if params.nmfc.supersample > 1:
        found.append(f"NMFC images are drawn {params.nmfc.supersample} times as large and averaged")
    return found
