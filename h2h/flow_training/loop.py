"""The training loop of flow networks."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from tqdm import tqdm

from h2h.flow_training.pairs import Pairs
from h2h.flow_training.trainer import SLOWER, FlowTrainer
from h2h.training.ahead import one_ahead
from h2h.training.curves import Curves, Diary
from h2h.training.divergence import Diverged, Watch, all_finite
from h2h.training.resume import Snapshot

SNAPSHOT_SECONDS = 60.0
CURVE_POINTS = 50


def train_flow(
    trainer: FlowTrainer,
    draw: Callable[[int], Pairs],
    steps: int,
    warmup_fraction: float,
    *,
    snapshot: Snapshot | None = None,
    snapshot_seconds: float = SNAPSHOT_SECONDS,
    diary: Callable[[int], AbstractContextManager[Diary]] | None = None,
    title: str = "training",
) -> list[dict[str, float]]:
    """Train on the batches `draw(0)`, `draw(1)`, ...; while one is worked on, a thread draws the next.

    Args:
        trainer: network and optimiser, changed in place.
        draw: a step's pairs, which follow from its number alone: a resumed training sees what the uninterrupted one
            would have seen.
        steps: how many.
        warmup_fraction: see `rate`.
        snapshot: where to keep the state for a resumed run; it is left there at the end, until the result is safe.
        snapshot_seconds: how often.
        diary: opens, at the first step, what is told of the losses.
        title: for the progress bar.

    Returns:
        About 50 points of the loss curves (px), each the mean over the steps since the one before; "clip" numbers the
        steps.

    Raises:
        Diverged: no finite gradients or weights, or exploding losses.
    """
    done, curves, watch = snapshot.restore(trainer) if snapshot is not None else (0, Curves(), Watch())
    begun = done
    trainer.network.train()
    saved, every = time.monotonic(), max(steps // CURVE_POINTS, 1)
    bar = tqdm(total=steps, initial=done, desc=title, unit="step", dynamic_ncols=True)
    with bar, diary(done) if diary is not None else nullcontext() as told:
        for pairs in one_ahead(draw, range(done, steps)):
            before = trainer.skipped.total
            values = trainer.step(pairs, rate(done, steps, warmup_fraction))
            if fault := watch.fault(values, False, trainer.skipped.total - before):
                raise Diverged(f"the training diverged: {fault}", SLOWER)
            done += 1
            bar.update()
            bar.set_postfix_str(" ".join(f"{name} {value:.3f}" for name, value in values.items()), refresh=False)
            point = done % every == 0 or done == steps
            curves.add(done, values, point)
            if point and told is not None:
                told.scalars(done, curves.points[-1])
            due = not watch.suspicious and time.monotonic() - saved > snapshot_seconds
            if snapshot is not None and due:
                snapshot.save(trainer, done, curves, watch)
                saved = time.monotonic()
    if not all_finite([trainer.network]):
        raise Diverged("the training diverged: its weights are not finite", SLOWER)
    if snapshot is not None and done > begun:
        snapshot.save(trainer, done, curves, watch)
    return curves.points


def rate(step: int, steps: int, warmup_fraction: float) -> float:
    """Factor of the learning rate in step `step`, from 0 on: it rises linearly at first, and then falls to 0."""
    warmup = warmup_fraction * steps
    if step + 1 <= warmup:
        return (step + 1) / warmup
    return min(1.0, (steps - step) / max(steps - warmup, 1))
