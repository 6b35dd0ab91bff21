"""The head model that commands take if none is named: the one of the profile in force."""

from __future__ import annotations

from pathlib import Path

from h2h.config import load_params
from h2h.errors import UserError
from h2h.layout import Layout


def own_head_model(named: Path | None = None) -> Path:
    """A head model's file.

    Args:
        named: by the user.

    Raises:
        UserError: it is not there.
    """
    if named is not None:
        path, remedy = named, "name another file"
    else:
        profile = load_params().profile
        path = Path(Layout(profile.work, profile.reports).artifact("head_model", "head_model"))
        remedy = "make it with `snakemake stage_head_model`, or name another file"
    if not path.exists():
        raise UserError(f"{path} is missing", remedy)
    return path
