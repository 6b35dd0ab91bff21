"""The training loop of both stages."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
from torch import Tensor
from tqdm import tqdm

from h2h.errors import UserError
from h2h.training import distributed
from h2h.training.ahead import one_ahead
from h2h.training.clips import Batch, Person, draw_batch, draw_pictures
from h2h.training.curves import Curves, Diary
from h2h.training.divergence import Diverged, Watch, all_finite
from h2h.training.resume import Snapshot
from h2h.training.samples import Samples
from h2h.training.schedule import Schedule
from h2h.training.step import SLOWER, Trainer

log = logging.getLogger("h2h")
SNAPSHOT_SECONDS = 60.0
CURVE_POINTS = 50
SAMPLE = 5  # points of the curves between two samples


def train(
    trainer: Trainer,
    people: Sequence[Person],
    schedule: Schedule,
    *,
    batch: int,
    seed: int,
    augment: float = 0.0,
    embedding_frames: int = 0,
    snapshot: Snapshot | None = None,
    snapshot_seconds: float = SNAPSHOT_SECONDS,
    diary: Callable[[int], AbstractContextManager[Diary]] | None = None,
    title: str = "training",
) -> list[dict[str, float]]:
    """Train on random clips.

    All draws follow from (seed, number of the clip), so a resumed training sees what the uninterrupted one
    would have seen.

    Args:
        trainer: networks and optimisers, changed in place.
        people: whose clips.
        schedule: how many clips, and how long they are.
        batch: clips at a time.
        seed: of all draws.
        augment: see `h2h.training.augmentation`.
        embedding_frames: M, pictures of each person that the embedder, or X2Face, averages.
        snapshot: where to keep the state for a resumed run; it is left there at the end, until the result is safe.
        snapshot_seconds: how often.
        diary: opens, at the number of the first clip, what is told of losses and samples while it runs.
        title: for the progress bar.

    Returns:
        About 50 points of the loss curves, each the mean over the clips since the one before, with "clip".

    Raises:
        Diverged: no finite gradients or weights, or exploding losses; the snapshot, which the message names, stays as
            it was.
    """
    done, curves, watch = snapshot.restore(trainer) if snapshot is not None else (0, Curves(), Watch())
    if distributed.first_says(done) != done:
        raise UserError(
            f"the interrupted training is known to the first process, and not to process {distributed.rank()}",
            "keep the artifacts in a folder that all machines share",
        )
    device = next(trainer.networks.generator.parameters()).device
    for net in trainer.networks.items().values():
        net.train()
    saved = time.monotonic()
    every = max(schedule.clips // CURVE_POINTS, 1)

    own = distributed.share(batch)
    samples = Samples(people, embedding_frames)

    def draw(number: int) -> tuple[Batch, Tensor | None, int]:
        rng = np.random.default_rng([seed, number])
        clips = draw_batch(people, batch, schedule.frames(number), rng, augment, own).to(device)
        pictures = None
        if trainer.networks.see_people:
            pictures = draw_pictures(people, clips.person.tolist(), embedding_frames, batch, rng, own).to(device)
        return clips, pictures, int(rng.integers(2**31))

    numbers = range(done, schedule.clips)
    first = distributed.rank() == 0
    bar = tqdm(total=schedule.clips, initial=done, desc=title, unit="clip", dynamic_ncols=True, disable=not first)
    with bar, diary(done) if first and diary is not None else nullcontext() as told:
        for number, (clips, pictures, draws) in zip(numbers, one_ahead(draw, numbers), strict=True):
            rates, adversarial, before = schedule.rates(number), schedule.adversarial(number), trainer.left_out
            try:
                values = distributed.average_values(trainer.clip(clips, pictures, draws, rates, adversarial))
            except Diverged as error:
                raise Diverged(f"{error.what}{_last_good(snapshot)}", error.remedy) from error
            if fault := watch.fault(values, adversarial, trainer.left_out - before):
                raise Diverged(f"the training diverged: {fault}{_last_good(snapshot)}", SLOWER)
            bar.update()
            bar.set_postfix_str(_short(values), refresh=False)
            done = number + 1
            curves.add(done, values, done % every == 0 or done == schedule.clips)
            if told is not None and (done % every == 0 or done == schedule.clips):
                told.scalars(done, curves.points[-1])
            if told is not None and (done % (SAMPLE * every) == 0 or done == schedule.clips):
                told.picture(done, "samples", samples.grid(trainer.networks, trainer.generator()))
            due = not watch.suspicious and time.monotonic() - saved > snapshot_seconds
            if first and due and snapshot is not None:
                snapshot.save(trainer, done, curves, watch)
                saved = time.monotonic()
    if not all_finite(trainer.networks.items().values()):
        raise Diverged(f"the training diverged: its weights are not finite{_last_good(snapshot)}", SLOWER)
    if first and numbers and snapshot is not None:
        snapshot.save(trainer, done, curves, watch)
    return curves.points


def _last_good(snapshot: Snapshot | None) -> str:
    if snapshot is None or not snapshot.path.exists():
        return ""
    kept = f"; the last good state, after clip {snapshot.clip()}, is {snapshot.path}"
    return f"{kept} (with other rates or another precision the training starts anew)"


def _short(values: dict[str, float]) -> str:
    wanted = ("perceptual", "mask", "features_image", "g_image", "d_image", "identity_matching")
    return " ".join(f"{name} {values[name]:.3f}" for name in wanted if name in values)
