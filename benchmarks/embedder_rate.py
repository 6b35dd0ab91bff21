"""At which rate the embedder learns to tell people apart, before anything else is trained.

    python -m benchmarks.embedder_rate

E_id from fresh weights on L_mch alone (FS eq. 8), as in the warm-up of the laptop's initialisation: 64 steps of `batch`
clips with M pictures each, of the training split; rates that fall linearly in the second half; bf16. The people are the
default fold's, from their caches (`snakemake quickstart` makes them). For each rate and seed: L_mch over each eighth of
the steps, and the step from which on it stays below a tenth. One feature for all of three people gives
1 - 1/sqrt(3) = 0.42.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from h2h.config import load_params
from h2h.losses.identity_matching import identity_matching
from h2h.models.embedder import Embedder
from h2h.training.clips import Person, draw_pictures
from h2h.training.device import use_threads
from h2h.training.optimisers import BETAS

STEPS, LEARNED = 64, 0.1


def curve(people: list[Person], rate: float, seed: int, batch: int, frames: int) -> np.ndarray:
    """L_mch of every step, (STEPS,)."""
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    embedder = Embedder().train().to(memory_format=torch.channels_last)
    rows = torch.randn(len(people), 512)  # as W begins
    optimiser = torch.optim.Adam(embedder.parameters(), rate, BETAS, fused=True)
    found = []
    for step in tqdm(range(STEPS), desc=f"{rate:g}, seed {seed}", leave=False):
        optimiser.param_groups[0]["lr"] = rate * min(1.0, 2 * (1 - step / STEPS))
        who = draw.integers(0, len(people), batch)
        shown = draw_pictures(people, who.tolist(), frames, batch, draw)
        with torch.autocast("cpu", torch.bfloat16):
            features = embedder.mean(shown)
        loss = identity_matching(features, rows[torch.from_numpy(who)])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        found.append(loss.item())
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[6e-4, 1e-4, 3e-5])
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    params = load_params()
    use_threads(params.compute.threads)
    names = params.identities.folds["default"].initialise
    people = [Person(Path(params.profile.work) / "cache" / f"{name}.h5", params.network.gaze) for name in names]
    slowest = {}
    for rate in chosen.rates:
        for seed in range(1, chosen.seeds + 1):
            found = curve(people, rate, seed, params.pretrain.batch, params.pretrain.embedding_frames)
            above = np.flatnonzero(found >= LEARNED)
            learned = int(above[-1]) + 1 if len(above) else 0
            slowest[rate] = max(slowest.get(rate, 0), learned)
            print(f"{rate:g}, seed {seed}: {found.reshape(8, -1).mean(1).round(2).tolist()}, from step {learned} on")
    own = slowest.get(params.pretrain.lr_embedder)
    if own is not None:
        value = {"value": own, "goal": STEPS * 2 // 3, "op": "<=", "met": own <= STEPS * 2 // 3}
        print(json.dumps({"steps_until_the_embedder_tells_people_apart": value}))


if __name__ == "__main__":
    main()
