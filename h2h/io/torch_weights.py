"""Published weights in PyTorch's own format, read without running anything from the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from h2h.errors import UserError

REMEDY = "download it again from its authors"


def read_torch_weights(path: Path) -> dict[str, Tensor]:
    """The named tensors of a `.pth` file: of its entry `state_dict`, if it has one, else of its top level.

    Only tensors and plain containers are unpickled (`weights_only`); a file with anything else is refused.

    Returns:
        name -> tensor on the CPU. Their shapes and numbers are the file's word: compare before computing with them.

    Raises:
        UserError: it is no such file, damaged, or holds other objects.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for damaged files, and one for objects it would have to run
        reason = str(error).partition("\n")[0]
        raise UserError(f"{path} cannot be read as PyTorch weights: {type(error).__name__}: {reason}", REMEDY) from None
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not all(isinstance(k, str) and _plain(t) for k, t in state.items()):
        raise UserError(f"{path} holds no named tensors (a state dict)", REMEDY)
    return dict(state)


def load_weights(network: nn.Module, state: Mapping[str, Tensor], path: Path, what: str, remedy: str = REMEDY) -> None:
    """Give a network, in place, the weights that were read from a file: exactly those that it has.

    Args:
        what: the network's name, for people.

    Raises:
        UserError: names or shapes are others.
    """
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        difference = "".join(str(error).splitlines()[1:2]).strip()
        raise UserError(f"{path} does not hold the weights of {what}: {difference:.200}", remedy) from None


def _plain(value: object) -> bool:
    """A tensor that holds its numbers itself; the format also knows sparse ones and ones without numbers."""
    return isinstance(value, Tensor) and value.layout is torch.strided and value.device.type == "cpu"
