"""How fast an exported network is drawn here, and how far each runtime is from torch."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from h2h.evaluation.environment import processor
from h2h.person import speed
from h2h.person.history import History
from h2h.person.renderer import to_condition

FURTHEST = 2.0  # levels of 255, mean: a runtime further from torch is measured, and not chosen
Pair = tuple[np.ndarray, np.ndarray]


def drive(generator: Any, drawn: Pair, gaze: bool) -> list[tuple[Pair, Pair]]:
    """What torch is given (condition, history) and draws (frame, mask), frame after frame, each from those before."""
    import torch

    size = drawn[0].shape[1]
    memory = History(size, 6 if gaze else 3, generator.condition_frames, generator.history_frames)
    driven = []
    for nmfc, eyes in zip(*drawn, strict=True):
        condition, history = (x.copy() for x in memory.inputs(to_condition(nmfc, eyes if gaze else None)))
        with torch.inference_mode():
            frame, mask = (x.numpy() for x in generator(torch.from_numpy(condition), torch.from_numpy(history)))
        driven.append(((condition, history), (frame, mask)))
        memory.push(frame)
    return driven


def measure(model: bytes, peaks: list[float], driven: list[tuple[Pair, Pair]]) -> dict[str, Any]:
    """Milliseconds of every runtime here, and its difference from torch when both see the same inputs."""
    runtimes = {name: speed.start(name, model, 0, peaks) for name in speed.available()}
    apart: dict[str, list[np.ndarray]] = {name: [] for name in runtimes}
    for given, (frame, mask) in driven:
        for name, run in runtimes.items():
            found = run(*given)
            apart[name].append(127.5 * np.abs(found[0] - frame).ravel())
            apart[name].append(255 * np.abs(found[1] - mask).ravel())
    parity = {}
    for name, parts in apart.items():
        levels = np.concatenate(parts)
        parity[name] = {"largest": round(float(levels.max()), 4), "mean": round(float(levels.mean()), 4)}
    spent = speed.milliseconds(runtimes, driven[-1][0])
    close = [name for name in runtimes if parity[name]["mean"] <= FURTHEST]
    return {
        "processor": "".join(c for c in processor() if c.isprintable())[:300],
        "threads": len(os.sched_getaffinity(0)),
        "milliseconds": spent,
        "frames": len(driven),
        "parity": parity,
        "order": sorted(close, key=lambda name: spent[name]),
    }
