"""A network's frames of a target, from what drives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from h2h.config import Sections, load_params

if TYPE_CHECKING:
    from h2h.models.generator import Generator
    from h2h.models.x2face import X2Face
    from h2h.stages.driving import Driving

PLATE_FRAMES = 64  # training frames that the clean plate is the median of
EMBEDDED_FRAMES = 32  # of a training person, for the multi-person network itself


def network_frames(
    checkpoint: Path | None, cache: Path, driving: Driving, cfg: Sections, method: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The network's frames and masks."""
    from h2h.errors import UserError
    from h2h.models.x2face import X2Face
    from h2h.stages.driving import driving_frames
    from h2h.training.device import pick_device, use_threads
    from h2h.training.precision import BF16, FP32
    from h2h.training.synthesis import synthesise
    from h2h.training.x2face_synthesis import drive

    if checkpoint is None:
        raise UserError(f"method {method} needs --checkpoint", "give the fine-tuned network of the target, or X2Face's")
    compute = cfg.compute if "compute" in cfg else load_params().compute
    use_threads(compute.threads)
    generator = _generator(checkpoint, cache, cfg, method)
    generator.to(pick_device())
    # float32 unless bf16 is asked for: a video is short, and its figures should not depend on the machine
    precision = BF16 if compute.precision == "bf16" else FP32
    if isinstance(generator, X2Face):
        return drive(generator, few_shots(cache, cfg), driving_frames(driving), precision)
    gaze = driving.gaze if cfg.network.gaze else None
    return synthesise(generator, driving.nmfc, gaze, driving.segment, precision)


def _generator(checkpoint: Path, cache: Path, cfg: Sections, method: str) -> Generator | X2Face:
    """The generator for the target: fine-tuned, or the multi-person network with the target's identity feature.

    X2Face is the same for all.
    """
    from h2h.errors import Rejected
    from h2h.io.checkpoint import read_description
    from h2h.training.clips import Person
    from h2h.training.restore import load_generator, load_networks
    from h2h.training.start import person_feature

    if method == "x2face":
        return load_networks(checkpoint, cfg.network, cfg.image.size, method)[0].generator.eval()
    description = read_description(checkpoint)
    if description["embedding"] is None:
        return load_generator(checkpoint, cfg.network, cfg.image.size, method)[0]
    networks, _ = load_networks(checkpoint, cfg.network, cfg.image.size, method)
    assert networks.embedder is not None
    person = Person(cache, cfg.network.gaze)
    if person.name not in description["people"]:
        raise Rejected(
            f"{person.name} is not among the people of {checkpoint.name}: {', '.join(description['people'])}",
            "its clip has no run of pretrain.clip_frames tracked frames: use a longer one, or shorter training clips",
        )
    some = np.unique(np.linspace(person.first, person.last - 1, EMBEDDED_FRAMES).round().astype(int))
    networks.collapse(person_feature(networks.embedder, person, some.tolist()))
    person.close()
    return networks.generator.eval()


def few_shots(cache: Path, cfg: Sections, *more: str) -> tuple[np.ndarray, ...]:
    """The frames that a network is fine-tuned on and their masks, uint8, and further datasets of the cache."""
    from h2h.io.h5 import reading
    from h2h.training.few_shot import few_shot_frames

    with reading(cache) as file:
        part = few_shot_frames(file, cfg.finetune, cfg.seed)
        return tuple(file[key][part] for key in ("frames", "mask", *more))


def training_pictures(cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """Frames and masks spread over the target's training split."""
    from h2h.io.h5 import reading

    with reading(cache) as file:
        count = int(file.attrs["train_frames"])
        chosen = np.unique(np.linspace(0, count - 1, min(count, PLATE_FRAMES)).round().astype(int))
        return file["frames"][chosen], file["mask"][chosen]
