"""Whether tracked parameters make sense, before anything is rendered from them."""

from __future__ import annotations

import numpy as np

from h2h.errors import UserError

REMEDY = "delete it and run snakemake stage_tracking"


def check_parameters(
    tracked: dict[str, np.ndarray], identity: int, expression: int, where: str, remedy: str = REMEDY
) -> None:
    """Check parameters that come from a file.

    Args:
        tracked: by name, as the tracking stage stores them.
        identity, expression: n_i and n_e of the head model.
        where: the file, for the message.
        remedy: what to do about it.

    Raises:
        UserError: arrays do not fit each other or the head model, a value is not finite, a scale is not positive, or
            a quaternion is zero; the frame is named.
    """
    count = len(tracked["scale"])
    shapes = {"expression": (count, expression), "rotation": (count, 4), "translation": (count, 2)}
    shapes |= {"identity": (identity,), "scale": (count,), "gaze": (count, 2, 2)}
    for name, wanted in shapes.items():
        if tracked[name].shape != wanted:
            raise UserError(f"{where}: {name} has the shape {tracked[name].shape}, not {wanted}", remedy)
    for name, values in tracked.items():
        bad = ~np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
        if bad.any():
            what = "" if name == "identity" else f" in frame {int(bad.argmax())}"
            raise UserError(f"{where}: {name} is not finite{what}", remedy)
    for name, bad in (
        ("scale", tracked["scale"] <= 0),
        ("rotation", np.linalg.norm(tracked["rotation"], axis=1) < 1e-6),
    ):
        if bad.any():
            frame = int(bad.argmax())
            raise UserError(f"{where}: {name} is {tracked[name][frame]} in frame {frame}", remedy)
