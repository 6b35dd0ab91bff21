"""How torch's threads wait; to be called before torch is imported for the first time."""

from __future__ import annotations

import os


def share_cores() -> None:
    """Let idle OpenMP threads sleep instead of spin, unless the user chose otherwise.

    Spinning is a little faster on an empty machine and ruinous on a shared one: with another job on the
    second of two cores a training step took 43 to 68 s instead of 7.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
