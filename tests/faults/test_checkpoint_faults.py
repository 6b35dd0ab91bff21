"""A training that is killed while it writes a checkpoint, and checkpoints that are damaged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from interrupted import command, people
from test_step import make

from h2h.errors import UserError
from h2h.io.checkpoint import load_checkpoint, save_checkpoint
from h2h.training.curves import Curves
from h2h.training.divergence import Watch
from h2h.training.resume import Snapshot


def stopped_while_writing(process: subprocess.Popen, folder: Path) -> Path | None:
    """Stop a training when it has begun a file in a folder; None if it ended before."""
    while process.poll() is None:
        if not any(folder.glob(".tmp-*")):
            time.sleep(0)
            continue
        os.kill(process.pid, signal.SIGSTOP)
        if half := list(folder.glob(".tmp-*")):
            return half[0]
        os.kill(process.pid, signal.SIGCONT)
    return None


@pytest.mark.fault
@pytest.mark.row(
    "kill -9",
    "a training, in the middle of writing a checkpoint",
    "nothing counts as done; the same command goes on after the last whole snapshot",
)
def test_killed_while_writing_a_checkpoint(tmp_path: Path, seen):
    people(tmp_path)
    folder, card = tmp_path / "pretrain", tmp_path / "pretrain/ours.default.json"
    training = subprocess.Popen(command(tmp_path), stderr=subprocess.DEVNULL)
    snapshot = folder / ".resume-ours.default.safetensors"
    while not snapshot.exists() and training.poll() is None:
        time.sleep(0.05)
    half = stopped_while_writing(training, folder)
    training.kill()
    training.wait()
    assert half is not None and half.exists() and not card.exists()
    again = subprocess.run(command(tmp_path), capture_output=True, text=True, check=True)
    assert "going on after clip" in again.stderr
    assert card.exists() and sorted(path.name for path in folder.iterdir()) == [card.name, "ours.default.safetensors"]
    seen("a half file `.tmp-HOST-PID-...` stays, no card; then `going on after clip N`, and the half file is gone")


@pytest.mark.row(
    "damaged checkpoint",
    "one bit of a training's snapshot, anywhere",
    "it is noticed; the training starts anew instead of going on with wrong numbers",
)
def test_a_snapshot_with_a_flipped_bit_is_not_used(tmp_path: Path, seen):
    trainer, path = make(), tmp_path / ".resume.safetensors"
    Snapshot(path, "mark").save(trainer, 7, Curves(), Watch())
    whole = path.read_bytes()
    assert Snapshot(path, "mark").restore(trainer)[0] == 7
    rng = random.Random(0)
    for place in [*rng.sample(range(len(whole)), 40), len(whole) - 1]:
        data = bytearray(whole)
        data[place] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        assert Snapshot(path, "mark").restore(trainer)[0] == 0, place
    for size in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert Snapshot(path, "mark").restore(trainer)[0] == 0, size
    seen("41 flipped bits and 5 truncations: `is damaged ...; starting anew`, each time")


@pytest.mark.row(
    "damaged checkpoint",
    "a network's file, cut anywhere or with other bytes in its header",
    "an error that names the file and says what to do; never a crash",
)
def test_a_damaged_network_file(tmp_path: Path, seen):
    path = tmp_path / "ours.ann.safetensors"
    save_checkpoint(path, make().networks.state(), {"method": "ours"})
    whole, refused = path.read_bytes(), 0
    header = int.from_bytes(whole[:8], "little")
    rng = random.Random(1)
    damaged = [whole[: rng.randrange(len(whole))] for _ in range(20)]
    for _ in range(60):
        data = bytearray(whole)
        data[rng.randrange(8 + header)] = rng.randrange(256)
        damaged.append(bytes(data))
    for data in damaged:
        path.write_bytes(data)
        try:
            load_checkpoint(path)
        except UserError as error:
            assert path.name in str(error) and error.remedy
            refused += 1
    assert refused >= 60
    seen(
        f"{len(damaged)} damaged files: an error with the file's name and `train again`, or read as they are; no crash"
    )
