"""The consecutive frames of a person that the fine-tuning stage sees, and the nearest-frame baseline with it."""

from __future__ import annotations

import h5py

from h2h.config.learning import Finetune
from h2h.training.window import covering_window, drawn_window


def few_shot_frames(cache: h5py.File, settings: Finetune, seed: int) -> slice:
    """Which frames of an open cache file are the few shots: a run of `settings.frames` in the training split."""
    split = slice(0, int(cache.attrs["train_frames"]))
    segment = cache["segment"][split]
    if settings.window == "drawn":
        first = drawn_window(settings.frames, segment, seed, str(cache.attrs["name"]))
    else:
        tracked = cache["tracked"][split].astype(bool)
        first = covering_window(settings.frames, segment, cache["landmarks"][split], tracked)
    return slice(first, min(first + settings.frames, split.stop))
