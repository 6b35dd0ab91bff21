"""How long the laptop's flow stages take on this machine, from parts of each. The last line is JSON.

    python benchmarks/flow_stages.py [--head-model work/head_model/head_model.h5] [--subjects 6] [--steps 40 140]

Both trainings are the stages themselves, with fewer steps: a step costs the difference of two runs. Synthetic people
are rendered for a few subjects, before walls drawn by procedure. An idle machine is meant: nothing should run beside.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import torch
from tqdm import tqdm

from h2h.config import Params, Sections, load_params
from h2h.evaluation.environment import processor
from h2h.io.h5 import reading
from h2h.stages.runner import run_stage
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import save_head_model

GOAL = 25.0  # minutes, on two cores


def sections(params: Params, **changes: dict[str, object]) -> Sections:
    values = params.model_dump()
    for section, update in changes.items():
        values[section].update(update)
    return Sections(json.loads(json.dumps(values)))


def seconds(stage: str, output: Path, cfg: Sections, inputs: dict[str, object]) -> float:
    began = time.perf_counter()
    assert run_stage(stage, output.stem, output, cfg, inputs)
    return time.perf_counter() - began


def step_seconds(params: Params, stage: str, folder: Path, steps: list[int], inputs: dict[str, object]) -> float:
    """Of a training: what a longer run takes more than a shorter one, by the steps that it has more."""
    taken = []
    for count in steps:
        cfg = sections(params, **{stage: {"steps": count} | ({"held_out": 2} if stage == "flow_pretrain" else {})})
        taken.append(seconds(stage, folder / f"{stage}_{count}.safetensors", cfg, inputs))
    return (taken[1] - taken[0]) / (steps[1] - steps[0])


def first_looks(network: Path, data: Path) -> float:
    """Seconds that the original network takes for the background of a pair, once in the fine-tuning."""
    from h2h.flow.flownet_weights import load_saved_flownet
    from h2h.flow_training.faces import Faces, OriginalFlow

    behind = OriginalFlow(load_saved_flownet(network)[0].eval())
    with reading(data) as file:
        faces = Faces(file, held_out=False)
        some = faces.indices[:12].tolist()
        began = time.perf_counter()
        for index in tqdm(some, desc="first looks", leave=False):
            behind.add_to(faces.batch([index]), [index])
        return (time.perf_counter() - began) / len(some)


def measured(params: Params, folder: Path, head_model: Path, subjects: int, steps: list[int]) -> dict[str, float]:
    """Minutes of each stage."""
    wanted, pre, fine = params.flow_data, params.flow_pretrain, params.flow_finetune
    few = sections(params, flow_data={"subjects": subjects, "held_out": 1, "backgrounds": []})
    data = folder / "flow_data.h5"
    rendering = seconds("flow_data", data, few, {"head_model": head_model, "frames": [], "matting": []})
    people = wanted.subjects + wanted.held_out
    minutes = {"flow_data": rendering * people / (subjects + 1) / 60}
    minutes["flow_pretrain"] = step_seconds(params, "flow_pretrain", folder, steps, {}) * pre.steps / 60
    network = folder / f"flow_pretrain_{steps[0]}.safetensors"
    step = step_seconds(params, "flow_finetune", folder, steps, {"data": data, "network": network})
    pairs = wanted.subjects * wanted.sequences * (wanted.frames - 1)
    minutes["flow_finetune"] = (step * fine.steps + first_looks(network, data) * pairs) / 60
    return minutes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--head-model", type=Path, help="default: a small one is built")
    parser.add_argument("--subjects", type=int, default=6)
    parser.add_argument("--steps", type=int, nargs=2, default=[40, 140])
    chosen = parser.parse_args()
    params = load_params()
    print(f"{processor()}, {torch.get_num_threads()} threads")
    with tempfile.TemporaryDirectory() as folder:
        head_model = chosen.head_model
        if head_model is None:
            head_model = Path(folder) / "head_model.h5"
            save_head_model(build_anny_head(samples=300, identity=40, expression=30, seed=3), head_model)
        minutes = measured(params, Path(folder), head_model, chosen.subjects, chosen.steps)
    for stage, value in minutes.items():
        print(f"  {stage:<14} {value:5.1f} min")
    total = sum(minutes.values())
    print(
        json.dumps({"flow_stages_minutes": {"value": round(total, 1), "goal": GOAL, "op": "<=", "met": total <= GOAL}})
    )


if __name__ == "__main__":
    main()
