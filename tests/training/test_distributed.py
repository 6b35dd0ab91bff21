"""Two processes with half a batch each do what one does with the whole batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from synthetic import write_cache
from test_stages import sections
from test_step import NETWORK, data, make

from h2h.errors import UserError
from h2h.io.cards import read_card
from h2h.stages.runner import run_stage
from h2h.training import distributed, step
from h2h.training.clips import Batch

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    return [write_cache(folder / f"{name}.h5", name, 24, 32, seed=i) for i, name in enumerate("ab")]


def settings(batch=2, **changes):
    small = {"batch": batch, "epochs": 1.5, "augment": 0.05, "warmup_fraction": 0.5}
    return sections(pretrain=small, **changes)


def as_json(cfg):
    keys = ("image", "network", "losses", "pretrain", "finetune", "nmfc", "seed", "compute")
    return json.dumps({k: v if isinstance(v := getattr(cfg, k), int) else v.model_dump() for k in keys})


def command(people, output, cfg):
    caches = [f"--caches={path}" for path in people]
    run = [sys.executable, "-m", "h2h.cli", "pretrain", "--name", output.stem, "--output", str(output), *caches]
    return [*run, "--cfg", as_json(cfg)]


def test_two_processes_share_a_training(people, tmp_path):
    """The command starts them; only one writes, and the losses are those of one process with the whole batch."""
    alone, shared = tmp_path / "alone/ours.default.safetensors", tmp_path / "shared/ours.default.safetensors"
    assert run_stage("pretrain", alone.stem, alone, settings(), {"caches": people})
    both = settings(compute={"processes": 2, "threads": 1, "precision": "fp32"})
    done = subprocess.run(command(people, shared, both), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    summaries = [read_card(path)["summary"] for path in (alone, shared)]
    assert [s["processes"] for s in summaries] == [1, 2] and summaries[0]["clips"] == summaries[1]["clips"] > 3
    assert {p.name for p in shared.parent.iterdir()} == {shared.name, shared.with_suffix(".json").name}
    first, other = (s["curves"] for s in summaries)
    assert [point.keys() for point in first] == [point.keys() for point in other]
    for name, value in first[0].items():  # later ones differ: Adam makes much of small gradients' rounding
        assert other[0][name] == pytest.approx(value, rel=0.02), name


def record(rank, size, folder):
    """The gradients of a clip with which every network would step, of this process' share of the batch."""
    if size > 1:
        dist.init_process_group("gloo", init_method=f"file://{folder / 'meet'}", rank=rank, world_size=size)
    trainer, (clip, pictures), found = make(network=NETWORK), data(batch=2), []
    own = list(distributed.share(2))
    clip = Batch(**{key: value[own] for key, value in vars(clip).items()})
    step.step = lambda optimiser, gradients: found.append([g for g in gradients if g is not None])
    trainer.clip(clip, pictures[own], 0, [1.0, 1.0])
    if rank == 0:
        torch.save(found, folder / f"gradients{size}.pt")
    distributed.leave()


def test_two_processes_have_the_gradients_of_one_with_the_joined_batch(tmp_path):
    """Generator, discriminators and embedder (its adversarial and its matching gradient)."""
    processes = torch.multiprocessing.get_context("spawn")
    for size in (1, 2):
        running = [processes.Process(target=record, args=(rank, size, tmp_path)) for rank in range(size)]
        for process in running:
            process.start()
        for process in running:
            process.join(120)
            assert process.exitcode == 0
    one, two = (torch.load(tmp_path / f"gradients{size}.pt", weights_only=True) for size in (1, 2))
    assert len(one) == len(two) == 5  # two chunks of generator and discriminators, then the embedder
    for whole, joined in zip(one, two, strict=True):
        assert len(whole) == len(joined) > 0
        size = max(float(g.abs().max()) for g in whole)
        assert size > 0
        for a, b in zip(whole, joined, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5 * size)


def test_gradients_are_averaged_where_they_are(monkeypatch):
    calls = []
    monkeypatch.setattr(distributed.dist, "all_reduce", lambda flat: calls.append(flat.clone()) or flat.mul_(3))
    monkeypatch.setattr(distributed, "size", lambda: 2)
    found = distributed.average([torch.ones(2, 3), None, torch.full((4,), 2.0, dtype=torch.bfloat16)])
    assert len(calls) == 1 and found[1] is None
    torch.testing.assert_close(found[0], torch.full((2, 3), 1.5))
    torch.testing.assert_close(found[2], torch.full((4,), 3.0, dtype=torch.bfloat16))


def test_a_batch_of_one_clip_is_not_shared(people, tmp_path):
    """The papers' fine-tuning: their profile with several GPUs for the initialisation must not stop there."""
    cfg = settings(compute={"processes": 2, "threads": 1, "precision": "fp32"}, batch=1)
    output = tmp_path / "x/ours.default.safetensors"
    done = subprocess.run(command(people, output, cfg), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert read_card(output)["summary"]["processes"] == 1


def test_a_batch_that_cannot_be_shared(monkeypatch):
    monkeypatch.setattr(distributed, "size", lambda: 3)
    with pytest.raises(UserError, match="cannot be shared by 3"):
        distributed.share(4)


def test_a_mistake_in_a_shared_training_has_no_traceback(people, tmp_path):
    cfg = settings(compute={"processes": 2, "threads": 1, "precision": "fp32"}, batch=3)
    done = subprocess.run(
        command(people, tmp_path / "x/ours.default.safetensors", cfg), cwd=ROOT, capture_output=True, text=True,
        env=os.environ,
    )  # fmt: skip
    assert (
        done.returncode != 0 and "cannot be shared" in done.stderr and "multiples of compute.processes" in done.stderr
    )
