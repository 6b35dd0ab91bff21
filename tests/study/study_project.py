"""A folder of artifacts as small as a study needs: one person, films of three methods, and somebody who drives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from h2h.io.cards import write_card
from h2h.io.h5 import writing

FRAMES, HELD_OUT, FPS, SIDE = 30, 10, 10.0, 64


def _artifact(path: Path, stage: str, summary: dict, rows: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path) as writer:
        for i in range(len(next(iter(rows.values())))):
            writer.append(**{key: value[i] for key, value in rows.items()})
        writer.file.attrs["fps"] = FPS
    write_card(path, stage, path.stem, summary)


def make_work(work: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("ann", "bea"):
        smooth = rng.integers(60, 200, (FRAMES, 1, 1, 3)) + rng.integers(0, 20, (1, SIDE, SIDE, 3))
        rows = {
            "frames": smooth.astype(np.uint8),
            "mask": np.full((FRAMES, SIDE, SIDE), 255, np.uint8),
            "segment": np.repeat([0, 1, 2], 10).astype(np.int32),
        }
        _artifact(work / f"cache/{name}.h5", "cache", {}, rows)
    films = {"ours.ann.ann": "self", "ours.ann.bea": "head", "nearest_frame.ann.ann": "self", "vid2vid.ann.ann": "self"}
    for number, (name, transfer) in enumerate(films.items()):
        index = np.arange(FRAMES - HELD_OUT, FRAMES) if transfer == "self" else np.arange(FRAMES)
        picture = np.full((len(index), SIDE, SIDE, 3), 40 + 50 * number, np.uint8)
        path = work / f"synthesize/{name}.h5"
        _artifact(path, "synthesize", {"transfer": transfer}, {"composite": picture, "index": index.astype(np.int32)})
