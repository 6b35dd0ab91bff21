"""500 people with 1000 frames each, by simulation: the workflow's own time, disk space, and hours on GPUs (estimates).

    python benchmarks/scale.py [--people 500 --targets 20] [--person data/identities/franck] [--folder KEEP]

1. A project of the papers' size in which everything counts as done (crowd.py), and `snakemake all -n` on it. Counted
   are the seconds of CPU that it takes, which on an idle machine are its wall time (Snakemake computes on one core).
2. One person's cache at 256 x 256, made by the stages' own code from a few frames of a real clip; sizes grow with the
   number of frames, so they are multiplied.
3. Hours on N GPUs: FLOP of a training step counted (training_flops.py), times the frames of all trainings, divided by
   what a GPU does in a second at a stated utilisation. An *estimate*: nothing of it has run.

The last line is JSON.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crowd import make, pretend, snakemake
from training_flops import paper, per_frame

from h2h import layout
from h2h.commands.plan import estimate
from h2h.config import Params, load_params
from h2h.evaluation.environment import processor

GOAL_SECONDS = 8.0
FRAMES = 1000  # a person
SAMPLE = 32  # frames of the real cache
GPU, PEAK, UTILISATION = "A100, bf16", 312e12, 0.3  # FLOP/s; the share of it that convolutional GANs reach
GPUS = (1, 4, 8, 32)


def used(path: Path, *arguments: str) -> tuple[float, float]:
    """Seconds of CPU, and on the clock, of a Snakemake command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    snakemake(path, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - began


def workflow(path: Path, people: int, targets: int, rounds: int) -> dict[str, float]:
    """Times of the workflow itself, and its files."""
    if not path.exists():
        path.mkdir(parents=True)
        make(path, people, targets)
        print(f"{pretend(path)} outputs of {people} people", flush=True)
    told = snakemake(path, "all", "-n")
    if "Nothing to be done" not in told or "missing provenance" in told:
        raise SystemExit(f"the simulated project is not done:\n{told[-3000:]}")
    idle = min(used(path, "stage_head_model", "-n") for _ in range(rounds))
    noop = min(used(path, "all", "-n") for _ in range(rounds))
    folders = collections.Counter(
        str(Path(folder).relative_to(path)) for folder, _, files in os.walk(path) for _ in files
    )
    print(f"no-op `snakemake all -n`: {noop[0]:.1f} s of CPU ({noop[1]:.1f} s on the clock)")
    print(f"of which start, params, records: {idle[0]:.1f} s; the DAG and its checks: {noop[0] - idle[0]:.1f} s")
    for folder, files in folders.most_common(4):
        print(f"{files} files in {folder}")
    return {"noop_seconds": noop[0], "dag_seconds": noop[0] - idle[0], "largest_folder": folders.most_common(1)[0][1]}


def cache_megabytes(person: Path, head_model: Path | None) -> float:
    """MB a frame of a real person's cache at 256 x 256."""
    cfg = json.loads(load_params().model_dump_json())
    cfg["image"]["size"], cfg["frames"]["max_frames"] = 256, SAMPLE
    cfg["cache"] |= {"min_train_frames": 8, "test_frames": 8}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)

        def run(stage: str, *inputs: str, name: str = "person") -> Path:
            output = work / stage / f"{name}.h5"
            command = [sys.executable, "-m", "h2h.cli", stage, "--name", name, "--output", str(output)]
            subprocess.run([*command, "--cfg", json.dumps(cfg), *inputs], check=True, capture_output=True)
            return output

        frames = run("frames", f"--videos={person}")
        model = head_model or run("head_model", name="head_model")
        made = {"frames": frames}
        made["matting"], made["landmarks"] = (run(stage, f"--frames={frames}") for stage in ("matting", "landmarks"))
        seen = (f"--frames={frames}", f"--landmarks={made['landmarks']}")
        made["tracking"] = run("tracking", *seen, f"--head-model={model}")
        made["nmfc"] = run("nmfc", f"--tracking={made['tracking']}", f"--head-model={model}")
        made["flow"] = run("flow", f"--frames={frames}")
        cache = run("cache", "--role=train", *(f"--{stage}={path}" for stage, path in made.items()))
        count = json.loads(cache.with_suffix(".json").read_text(encoding="utf-8"))["summary"]["frames"]
        for stage, path in (made | {"cache": cache}).items():
            print(f"{stage}: {path.stat().st_size / 1e6 / count:.3f} MB a frame ({count} real frames)")
        return cache.stat().st_size / 1e6 / count


def trained_frames(params: Params, people: int, targets: int) -> dict[str, float]:
    """Frames that all trainings of `snakemake all` generate, by stage."""
    who = simulated(people, targets)
    wanted, _ = layout.everything(params, who)
    train = FRAMES - params.cache.test_frames
    trained = [name for name in wanted.pretrained if not layout.released(params, name.split(".")[0])]
    many = [len(layout.trained_on(params, who, *name.split("."))) for name in trained]
    few = [params.of_experiment(name.split(".")[0]).finetune for name in wanted.finetuned]
    print(f"{len(many)} multi-person trainings, {len(few)} fine-tunings")
    return {
        "pretrain": sum(count * train * params.pretrain.epochs for count in many),
        "finetune": sum(settings.epochs * min(settings.frames, train) for settings in few),
    }


def simulated(people: int, targets: int) -> layout.Cast:
    """Who is who in the papers: all but `targets` for the initialisation."""
    names = tuple(f"p{number:03}" for number in range(people))
    roles = {name: "train" if number < people - targets else "target" for number, name in enumerate(names)}
    return layout.Cast(names, roles, {"default": names[:-targets]}, {name: "default" for name in names[-targets:]})


def hours(params: Params, people: int, targets: int) -> float:
    """GPU hours of all trainings (an estimate); prints them for several numbers of GPUs."""
    total = 0.0
    for stage, frames in trained_frames(params, people, targets).items():
        each = per_frame(params, stage)
        total += each * frames
        print(f"{stage}: {each / 1e12:.2f} TFLOP a frame, {frames / 1e6:.2f} million frames")
    alone = total / (PEAK * UTILISATION) / 3600
    print(f"estimate, {GPU}, {PEAK / 1e12:.0f} TFLOP/s, utilisation {UTILISATION:.0%}:")
    for count in GPUS:
        print(f"  {count} GPUs: {alone / count:.0f} h of training")
    return alone


def core_hours(params: Params, people: int, targets: int) -> float:
    """Hours of one CPU core for everybody's preparation, by the rates of `h2h plan` (an estimate)."""
    who = simulated(people, targets)
    wanted, _ = layout.everything(params, who)
    costs = estimate(params, who, wanted, dict.fromkeys(who.people, FRAMES))
    return sum(cost.hours for cost in costs if cost.stage in layout.PREPROCESSING)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--person", type=Path, default=Path("data/identities/franck"), help="a real person's folder")
    parser.add_argument("--head-model", type=Path, help="a finished one (default: it is built)")
    parser.add_argument("--folder", type=Path, help="the simulated project, kept for another time")
    chosen = parser.parse_args()
    print(processor())
    params = paper()
    with tempfile.TemporaryDirectory() as temporary:
        path = chosen.folder or Path(temporary) / "project"
        found = workflow(path, chosen.people, chosen.targets, chosen.rounds)
    megabytes = cache_megabytes(chosen.person, chosen.head_model)
    found |= {"cache_mb_a_person": megabytes * FRAMES, "cache_gb": megabytes * FRAMES * chosen.people / 1000}
    found["estimated_gpu_hours"] = hours(params, chosen.people, chosen.targets)
    found["estimated_core_hours"] = core_hours(params, chosen.people, chosen.targets)
    report = {key: {"value": round(value, 1), "goal": None, "op": None, "met": None} for key, value in found.items()}
    report["noop_seconds"] |= {"goal": GOAL_SECONDS, "op": "<=", "met": found["noop_seconds"] <= GOAL_SECONDS}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
