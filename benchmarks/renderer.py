"""Frames a second of the rendering network: inference at 128 and 256 pixels, and training. The last line is JSON.

The reference is the same network in plain float32 with channels first (NCHW), as PyTorch runs it if nobody asks for
anything. All variants take turns, the medians count, so that other jobs on the machine disturb all alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "training"))

from training_step import make_batch, make_trainer, step_seconds

from h2h.config import load_params, merge, read_yaml
from h2h.config.learning import Network
from h2h.evaluation.environment import processor
from h2h.models.generator import Generator
from h2h.models.inference import Renderer
from h2h.models.int8_form import input_peaks, to_int8
from h2h.models.normalisation import AdaptiveInstanceNorm
from h2h.models.onnx_form import to_onnx
from h2h.models.runtimes import OnnxRuntime, OpenVino
from h2h.training.networks import build_generator
from h2h.training.precision import BF16, FP32

ROUNDS = 7
GOALS = {
    "inference_128_fps": (30.0, ">="),
    "inference_256_paper_speedup": (3.0, ">="),
    "inference_256_laptop_fps": (15.0, ">="),
    "training_speedup": (2.5, ">="),
}


def turns(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each variant; the first turn warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds + 1):
        for name, run in variants.items():
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values[1:]) for name, values in seconds.items()}


def inference(network: Network, size: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds a frame of the plain network, of the renderer in float32 and bf16, and of the exported forms."""
    torch.manual_seed(0)
    generator: Generator = build_generator(network, None).eval()
    assert not any(isinstance(layer, AdaptiveInstanceNorm) for layer in generator.modules())
    channels = generator.condition_encoder.blocks[0].convolution.in_channels // network.patch**2
    condition = torch.rand(1, channels, size, size) * 2 - 1
    history = torch.rand(1, 3 * generator.history_frames, size, size) * 2 - 1
    networks = {
        "plain fp32 NCHW": generator,
        "renderer fp32": Renderer(generator),
        "renderer bf16": Renderer(generator, torch.bfloat16),
    }

    def run(which: torch.nn.Module) -> Callable[[], object]:
        def frame() -> object:
            with torch.inference_mode():
                return which(condition, history)

        return frame

    model, given = to_onnx(generator, size), (condition.numpy(), history.numpy())
    runtimes = {
        "ONNX Runtime fp32": OnnxRuntime(model),
        "OpenVINO fp32": OpenVino(model, precision="f32"),
        "OpenVINO bf16": OpenVino(model),
        "OpenVINO int8": OpenVino(to_int8(model, input_peaks(model, [given]))),  # what it loses: benchmarks/runtimes.py
    }
    forms = {name: lambda which=which: which(*given) for name, which in runtimes.items()}
    return turns({name: run(which) for name, which in networks.items()} | forms, rounds)


def training(params) -> dict[str, float]:
    """Seconds of a batch of clips with all discriminators, plain and as the profile runs it."""
    batch = make_batch(params)
    trainers = {"plain fp32 NCHW": make_trainer(params, FP32), "bf16 channels-last": make_trainer(params, BF16)}
    return turns({name: lambda t=t: step_seconds(t, batch) for name, t in trainers.items()}, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", default=["128", "256", "256-laptop", "training"])
    parts = parser.parse_args().parts
    params = load_params()
    print(f"{processor()}, {torch.get_num_threads()} threads")
    figures: dict[str, float] = {}
    if "128" in parts:
        seconds = inference(params.network, 128, 30)
        show("128 x 128, laptop profile", seconds)
        figures["inference_128_fps"] = 1 / min(seconds.values())
    if "256" in parts:
        values = merge(params.network.model_dump(), read_yaml(Path("params/paper.yaml"))["network"])
        seconds = inference(Network.model_validate(values), 256)
        show("256 x 256, paper profile (64 filters)", seconds)
        figures["inference_256_paper_speedup"] = seconds["plain fp32 NCHW"] / min(seconds.values())
    if "256-laptop" in parts:
        seconds = inference(params.network.model_copy(update={"patch": 2}), 256, 20)
        show("256 x 256, laptop profile with patches of 2 pixels", seconds)
        figures["inference_256_laptop_fps"] = 1 / min(seconds.values())
    if "training" in parts:
        seconds = training(params)
        show(f"training on clips of {params.finetune.clip_frames} frames, laptop profile", seconds)
        figures["training_speedup"] = seconds["plain fp32 NCHW"] / seconds["bf16 channels-last"]
    report = {}
    for name, value in figures.items():
        goal, op = GOALS[name]
        report[name] = {"value": round(value, 2), "goal": goal, "op": op, "met": value >= goal}
    print(json.dumps(report))


def show(title: str, seconds: dict[str, float]) -> None:
    print(title)
    for name, value in seconds.items():
        print(f"  {name:<20} {1000 * value:8.1f} ms  {1 / value:7.2f} a second")


if __name__ == "__main__":
    main()
