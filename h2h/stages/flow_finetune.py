"""Stage flow_finetune: the facial flow, the original flow network fine-tuned on 4D faces (Head2Head, section III)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from h2h.config import Sections, load_params
from h2h.io.threads import share_cores

COLOURS, PLACES, PAIRS = range(3)  # of the seeds


def run(name: str, output: Path, cfg: Sections, *, data: Path, network: Path) -> dict[str, Any]:
    """Fine-tune the original network: the true flow on faces, and on the background what it said before.

    The card says the end-point errors on people whom no training saw: of no flow, OpenCV DIS, the original and the
    facial network.
    """
    share_cores()
    from h2h.evaluation.flow_error import mean_errors, no_flow, rounded
    from h2h.flow.dis import DisFlow
    from h2h.flow.flownet2_flow import FlowNet2Flow
    from h2h.flow.flownet_weights import load_saved_flownet, save_flownet
    from h2h.flow.frame_pair import MULTIPLE
    from h2h.flow_training.augmentation import cropped, move, recolour
    from h2h.flow_training.faces import BACKGROUND, FACE, Faces, OriginalFlow
    from h2h.flow_training.pairs import Pairs, filled_up
    from h2h.flow_training.session import run_flow_training
    from h2h.io.cards import read_card
    from h2h.io.events import events_of
    from h2h.io.h5 import reading
    from h2h.io.resume_file import resume_file
    from h2h.training.device import pick_device, use_threads
    from h2h.training.resume import fingerprint

    settings = cfg.flow_finetune
    compute = cfg.compute if "compute" in cfg else load_params().compute
    use_threads(compute.threads)
    device = pick_device()
    facial, description = load_saved_flownet(network)
    original = load_saved_flownet(network)[0].to(device).eval()
    with reading(data) as file:
        faces, unseen = Faces(file, held_out=False), Faces(file, held_out=True)
        behind = OriginalFlow(original)

        def draw(number: int) -> Pairs:
            colours, places, choice = (
                np.random.default_rng([cfg.seed, kind, number]) for kind in (COLOURS, PLACES, PAIRS)
            )
            chosen = faces.choose(settings.batch, choice)
            pairs = behind.add_to(faces.batch(chosen).to(device), chosen)
            moved = move(filled_up(pairs, MULTIPLE), settings.move, settings.drift, places)
            return recolour(cropped(moved, settings.crop, places), settings.colour, settings.noise, colours)

        sources = [read_card(path)["sha256"] for path in (data, network)]
        summary = run_flow_training(
            facial,
            draw,
            settings,
            compute,
            parts={FACE: settings.face, BACKGROUND: settings.background},
            snapshot_path=resume_file(output, name),
            mark=fingerprint([name, settings.model_dump(), cfg.seed, compute.precision, sources]),
            title="flow: faces",
            diary=events_of("flow_finetune", name),
        )
        networks = {"original": FlowNet2Flow(original), "facial": FlowNet2Flow(facial)}
        errors = mean_errors({"zero": no_flow, "dis": DisFlow("medium"), **networks}, unseen.pairs())
    save_flownet(output, facial, **description)
    return {**description, **summary, "end_point_error": rounded(errors)}
