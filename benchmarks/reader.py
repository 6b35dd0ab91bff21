"""How many times faster the clip reader is than a training step that consumes its clips (goal: ten times).

Laptop profile (params.yaml), fine-tuning stage, synthetic person, with augmentation. The last line is JSON.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from training_step import make_person, make_trainer, step_seconds

from h2h.config import load_params
from h2h.evaluation.environment import processor
from h2h.training.clips import draw_batch
from h2h.training.precision import choose_precision

GOAL = 10.0
READS = 20
STEPS = 3


def main() -> None:
    params = load_params()
    chosen = params.finetune
    with tempfile.TemporaryDirectory() as folder:
        person = make_person(params, Path(folder))
        length = min(chosen.clip_frames, person.longest)
        seconds = []
        for number in range(READS):
            began = time.perf_counter()
            batch = draw_batch([person], chosen.batch, length, np.random.default_rng(number), chosen.augment)
            seconds.append(time.perf_counter() - began)
        person.close()
    trainer = make_trainer(params, choose_precision(params.compute.precision, torch.device("cpu")))
    steps = -(-length // chosen.chunk_frames)
    training = [step_seconds(trainer, batch) * steps for _ in range(STEPS)]
    reading = float(np.median(seconds[2:]))
    print(f"{processor()}, {torch.get_num_threads()} threads, {trainer.precision.name}")
    print(f"reads {chosen.batch / reading:.1f} clips/s, trains {chosen.batch / min(training):.2f} clips/s")
    ratio = round(min(training) / reading, 1)
    print(json.dumps({"reader_over_training": {"value": ratio, "goal": GOAL, "op": ">=", "met": ratio >= GOAL}}))


if __name__ == "__main__":
    main()
