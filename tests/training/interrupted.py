"""A training of two synthetic people as a process of its own, which keeps its state after every clip."""

from __future__ import annotations

import sys
from pathlib import Path

from synthetic import write_cache

from h2h.training.clips import Person

SCRIPT = """
import logging, sys
from pathlib import Path
logging.basicConfig(level=logging.INFO)
sys.path.insert(0, {tests!r})
from test_stages import sections
from h2h.stages.runner import run_stage
folder = Path({folder!r})
import h2h.training.loop as loop
loop.train.__kwdefaults__["snapshot_seconds"] = 0.0
run_stage("pretrain", "ours.default", folder / "pretrain/ours.default.safetensors", sections(epochs=8),
          {{"caches": [folder / "a.h5", folder / "b.h5"]}})
"""


def people(folder: Path) -> list[Person]:
    """Two people, a and b, written into a folder."""
    return [Person(write_cache(folder / f"{n}.h5", n, 20, 32, seed=i), True) for i, n in enumerate("ab")]


def command(folder: Path) -> list[str]:
    """The command line that trains on them."""
    return [sys.executable, "-c", SCRIPT.format(tests=str(Path(__file__).parent), folder=str(folder))]
