"""How long trainings took on this machine, from their logs: an artifact's card says what was made, not how fast."""

from __future__ import annotations

import re
from pathlib import Path

LOGS = Path("logs")
_DONE = re.compile(r"done in ([0-9.]+) s$")


def minutes(stage: str, name: str, logs: Path = LOGS) -> float | None:
    """Wall-clock minutes of a job's last complete run; None if it was made elsewhere or its log is gone."""
    try:
        lines = (logs / stage / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found = [match for line in lines if (match := _DONE.search(line))]
    return float(found[-1].group(1)) / 60 if found else None


def training_cost(networks: list[str], logs: Path = LOGS) -> str:
    """Minutes of the trainings behind a row, e.g. "9 + 4" for initialisation and fine-tuning.

    Args:
        networks: STAGE/NAME of each, in order.
        logs: the folder of the logs.
    """
    found = [minutes(*network.split("/", 1), logs) for network in networks]
    return " + ".join("?" if value is None else f"{value:.0f}" for value in found)
