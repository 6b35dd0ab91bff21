"""Stage flow_pretrain: the original flow network, with official weights or trained from scratch on moving shapes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from h2h.config import Sections, load_params
from h2h.config.flow_learning import FlowPretrain
from h2h.io.threads import share_cores

if TYPE_CHECKING:
    from h2h.flow_training.faces import Truth
    from h2h.flow_training.moving_shapes import Motion

TRAIN, HELD_OUT, COLOURS, TEXTURES, HELD_OUT_TEXTURES = range(5)  # of the seeds
OFTEN = 2  # a patch of a photograph is chosen so many times as often as a procedural texture


def run(name: str, output: Path, cfg: Sections) -> dict[str, Any]:
    """Train a network of the FlowNet2 family on moving shapes, or take `flow_pretrain.weights` as they are.

    Either way the card says its end-point error on held-out moving shapes, and that of OpenCV DIS.
    """
    share_cores()
    import torch

    from h2h.evaluation.flow_error import mean_errors, no_flow, rounded
    from h2h.flow.dis import DisFlow
    from h2h.flow.flownet2_flow import FlowNet2Flow
    from h2h.flow.flownet_weights import load_flownet, save_flownet
    from h2h.flow.variants import build_flownet
    from h2h.flow_training.start import start
    from h2h.training.device import pick_device, use_threads

    settings = cfg.flow_pretrain
    compute = cfg.compute if "compute" in cfg else load_params().compute
    use_threads(compute.threads)
    description = {key: getattr(settings, key) for key in ("variant", "width", "enlarge", "looks")}
    if settings.weights:
        network = load_flownet(Path(settings.weights), **description).to(pick_device())
        trained: dict[str, Any] = {"weights": Path(settings.weights).name}
    else:
        torch.manual_seed(cfg.seed)
        network = build_flownet(**description)
        start(network)
        trained = _train(network, name, output, settings, compute, cfg.seed)
    estimators = {"zero": no_flow, "dis": DisFlow("medium"), "original": FlowNet2Flow(network)}
    errors = mean_errors(estimators, _held_out(settings, cfg.seed))
    save_flownet(output, network, **description)
    return {**description, **trained, "end_point_error": rounded(errors)}


def _train(network: Any, name: str, output: Path, settings: FlowPretrain, compute: Any, seed: int) -> dict[str, Any]:
    from h2h.flow_training.augmentation import recolour
    from h2h.flow_training.pairs import Pairs
    from h2h.flow_training.scenes import PART, Scenes
    from h2h.flow_training.session import run_flow_training
    from h2h.flow_training.textures import PHOTOGRAPHS, photographs, procedural_textures
    from h2h.io.events import events_of
    from h2h.io.resume_file import resume_file
    from h2h.training.resume import fingerprint

    drawn, found = procedural_textures([seed, TEXTURES], settings.textures), photographs(PHOTOGRAPHS)
    textures = np.concatenate((drawn, found.repeat(OFTEN, axis=0)))
    scenes = Scenes([seed, TRAIN], settings.size, settings.shapes, _motion(settings), textures, settings.uses)

    def draw(number: int) -> Pairs:
        rng = np.random.default_rng([seed, COLOURS, number])
        return recolour(scenes.batch(number, settings.batch), settings.colour, settings.noise, rng)

    return run_flow_training(
        network,
        draw,
        settings,
        compute,
        parts={PART: 1.0},
        snapshot_path=resume_file(output, name),
        mark=fingerprint([name, settings.model_dump(), seed, compute.precision]),
        title="flow: moving shapes",
        diary=events_of("flow_pretrain", name),
    )


def _held_out(settings: FlowPretrain, seed: int) -> Iterator[Truth]:
    """Pairs that no training sees: half with other procedural textures, half with other photographs."""
    from h2h.flow_training import textures
    from h2h.flow_training.moving_shapes import moving_shapes

    count = max(settings.textures // 2, 1)
    kinds = {
        "procedural": textures.procedural_textures([seed, HELD_OUT_TEXTURES], count),
        "photographs": textures.photographs(textures.HELD_OUT),
    }
    for number in range(settings.held_out):
        kind = list(kinds)[number % len(kinds)]
        draws = [seed, HELD_OUT, number]
        pair = moving_shapes(draws, settings.size * settings.enlarge, settings.shapes, _motion(settings), kinds[kind])
        known = pair.forward, np.ones(pair.forward.shape[:2], bool)
        yield pair.first, pair.second, {"all": known, kind: known}


def _motion(settings: FlowPretrain) -> Motion:
    from h2h.flow_training.moving_shapes import Motion

    return Motion(settings.median, settings.spread, settings.largest, settings.turn, settings.still)
