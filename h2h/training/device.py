"""Where a training runs."""

from __future__ import annotations

import torch


def pick_device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def use_threads(count: int) -> None:
    """Let torch use `count` threads; 0 leaves its own choice (all cores)."""
    if count:
        torch.set_num_threads(count)
