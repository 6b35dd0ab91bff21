"""Optical flow: the correlation layer against its unfolded form, and pairs a second. The last line is JSON.

    python benchmarks/flow.py [--parts correlation speed] [--small-width 0.25]

The correlation is FlowNetC's at 256 x 256 (256 channels at 32 x 32), forward and backward; each form runs in its own
process, whose peak of resident memory is counted from the inputs on. The networks have fresh weights: their speed does
not depend on them. All methods take turns, the medians count, so that other jobs on the machine disturb all alike.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from renderer import turns
from skimage import data
from torch import Tensor
from torch.nn import functional as F

from h2h.config import load_params
from h2h.evaluation.environment import processor
from h2h.flow.correlation import MAX_DISPLACEMENT, STRIDE, correlation
from h2h.flow.dis import DisFlow
from h2h.flow.flownet2_flow import FlowNet2Flow
from h2h.flow.variants import VARIANTS, build_flownet

MAPS = (2, 256, 32, 32)  # two pairs of 256 x 256
SIZE = 256
GOALS = {"correlation_memory_ratio": (5.0, ">="), "correlation_speedup": (1.0, ">=")}


def unfolded(first: Tensor, second: Tensor) -> Tensor:
    """The correlation as it is often written: 441 displaced copies of the second map, multiplied and averaged."""
    batch, channels, height, width = first.shape
    displacements = 2 * (MAX_DISPLACEMENT // STRIDE) + 1
    padded = F.pad(second, (MAX_DISPLACEMENT,) * 4)
    copies = F.unfold(padded, displacements, dilation=STRIDE).view(batch, channels, -1, height, width)
    return (first[:, :, None] * copies).mean(1)


FORMS = {"unfolded": unfolded, "ours": correlation}


def memory_mb(form: str) -> float:
    """Peak memory of one forward and backward pass, without the inputs and the gradients' own storage before it."""
    run = [sys.executable, __file__, "--child", form]
    return float(subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()[-1])


def child(form: str) -> None:
    one_pass(FORMS[form], [torch.randn(1, 8, 8, 8, requires_grad=True) for _ in range(2)])  # loads the libraries
    maps = random_maps()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again at what is resident now
    before = peak_kb()
    one_pass(FORMS[form], maps)
    print((peak_kb() - before) * 1024 / 1e6)


def peak_kb() -> int:
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))


def random_maps() -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(MAPS, requires_grad=True) for _ in range(2)]


def one_pass(form: Callable[[Tensor, Tensor], Tensor], maps: list[Tensor]) -> None:
    form(*maps).square().mean().backward()


def correlation_figures() -> dict[str, float]:
    """Both forms agree; how much less memory and time ours takes."""
    maps = random_maps()
    torch.testing.assert_close(correlation(*maps), unfolded(*maps), atol=1e-5, rtol=1e-4)
    seconds = turns({name: lambda form=form: one_pass(form, maps) for name, form in FORMS.items()}, 3)
    memory = {name: memory_mb(name) for name in FORMS}
    print(f"correlation of {MAPS[0]} pairs, {MAPS[1]} x {MAPS[2]} x {MAPS[3]}, forward and backward")
    for name in FORMS:
        print(f"  {name:<20} {1000 * seconds[name]:8.1f} ms  {memory[name]:8.1f} MB")
    return {
        "correlation_memory_ratio": memory["unfolded"] / memory["ours"],
        "correlation_speedup": seconds["unfolded"] / seconds["ours"],
    }


def speed(small: float) -> None:
    """Pairs a second of every method on two frames of a photograph that moves."""
    picture = cv2.resize(np.ascontiguousarray(data.astronaut()[:300, 70:370]), (SIZE + 16, SIZE + 16))
    first, second = picture[8:-8, 8:-8], picture[6:-10, 11:-5]

    def farneback() -> np.ndarray:
        grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second)]
        return cv2.calcOpticalFlowFarneback(*grey, None, 0.5, 3, 15, 3, 5, 1.2, 0)

    dis = DisFlow("medium")
    methods: dict[str, Callable[[], object]] = {"DIS medium": lambda: dis(first, second), "Farneback": farneback}
    for width in (1.0, small):
        for variant in VARIANTS:
            estimate = FlowNet2Flow(build_flownet(variant, width))
            methods[f"{variant}, width {width:g}"] = lambda estimate=estimate: estimate(first, second)
    shipped = load_params().flow_pretrain
    names = ("variant", "width", "enlarge", "looks")
    estimate = FlowNet2Flow(build_flownet(**{name: getattr(shipped, name) for name in names}))
    methods["params.yaml's"] = lambda: estimate(first, second)
    small_pair = [cv2.resize(frame, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA) for frame in (first, second)]
    methods["the same at 128 x 128"] = lambda: estimate(*small_pair)
    began = time.perf_counter()
    seconds = turns(methods, 5)
    print(f"{SIZE} x {SIZE} unless said, one pair at a time ({time.perf_counter() - began:.0f} s)")
    for name, value in seconds.items():
        print(f"  {name:<22} {1000 * value:8.1f} ms  {1 / value:7.2f} pairs a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", default=["correlation", "speed"], choices=["correlation", "speed"])
    parser.add_argument("--small-width", type=float, default=0.25)
    parser.add_argument("--child", choices=FORMS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        return child(chosen.child)
    print(f"{processor()}, {torch.get_num_threads()} threads")
    if "speed" in chosen.parts:
        speed(chosen.small_width)
    figures = correlation_figures() if "correlation" in chosen.parts else {}
    report = {}
    for name, value in figures.items():
        goal, op = GOALS[name]
        report[name] = {"value": round(value, 1), "goal": goal, "op": op, "met": value >= goal}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
