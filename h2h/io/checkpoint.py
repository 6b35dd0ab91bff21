"""Networks on disk: safetensors with JSON metadata. Nothing is unpickled, so a foreign file can run no code."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from h2h.errors import UserError

_KEY = "h2h"


def save_checkpoint(path: Path, groups: dict[str, dict[str, Tensor]], metadata: dict[str, Any]) -> None:
    """Write named groups of tensors (a network's state dict each) and a JSON-able description.

    The same tensors and metadata give the same bytes.
    """
    flat = {
        f"{group}/{key}": t.detach().cpu().contiguous() for group, state in groups.items() for key, t in state.items()
    }
    save_file(flat, path, {_KEY: json.dumps(metadata, sort_keys=True)})
    os.chmod(path, 0o644)  # safetensors makes it private, which a shared DVC cache cannot use


def read_description(path: Path) -> dict[str, Any]:
    """The description alone, without the tensors; errors as in `load_checkpoint`."""
    with _opened(path) as (_, description):
        return description


def load_checkpoint(path: Path) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """Read what `save_checkpoint` wrote: groups of tensors, and the metadata.

    Raises:
        UserError: the file is missing, damaged or not one of ours.
    """
    with _opened(path) as (file, description):
        groups: dict[str, dict[str, Tensor]] = {}
        for name in file.keys():
            group, _, key = name.partition("/")
            groups.setdefault(group, {})[key] = file.get_tensor(name)
        return groups, description


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    try:
        with safe_open(path, "pt") as file:
            text = (file.metadata() or {}).get(_KEY)
            if text is None:
                raise UserError(f"{path} is no checkpoint of h2h", "train the network again")
            yield file, json.loads(text)
    except (OSError, SafetensorError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read as a checkpoint: {error}", "remove it and train again") from error
