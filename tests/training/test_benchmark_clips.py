"""What the benchmarks time is the whole training step."""

import runpy
from pathlib import Path

from h2h.config import load_params
from h2h.training.networks import build_networks

ROOT = Path(__file__).parents[2]


def test_their_clips_reach_the_slowest_scale_of_the_dynamics_discriminator():
    make_batch = runpy.run_path(str(ROOT / "benchmarks/training_step.py"))["make_batch"]
    params = load_params(ROOT / "params.yaml")
    dynamics = build_networks(params.network, params.image.size, 1).dynamics
    assert make_batch(params).frames.shape[1] > dynamics.span(params.network.dynamics_scales - 1)
