"""Weights of the FlowNet2 family: NVIDIA's checkpoints and our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from h2h.errors import MissingAsset, UserError
from h2h.flow.variants import VARIANTS, build_flownet
from h2h.io.atomic import replacing
from h2h.io.checkpoint import load_checkpoint, read_description, save_checkpoint
from h2h.io.torch_weights import read_torch_weights

OFFICIAL_FILES = {
    "c": "FlowNet2-C_checkpoint.pth.tar",
    "s": "FlowNet2-S_checkpoint.pth.tar",
    "sd": "FlowNet2-SD_checkpoint.pth.tar",
    "full": "FlowNet2_checkpoint.pth.tar",
}
SOURCE = "the flownet2-pytorch project (the links in the README of github.com/NVIDIA/flownet2-pytorch)"
_GROUP = "flownet2"


def load_flownet(path: Path, variant: str, width: float, enlarge: int = 1, looks: int = 1) -> nn.Module:
    """A network with the weights of a file, all of them: no name may be missing, left over or of another shape.

    Args:
        path: `.safetensors` written by `save_flownet`, else a checkpoint in the official format (names of one
            network, or of the stack with the prefixes flownetc, flownets_1, flownets_2, flownets_d, flownetfusion).
        variant: a key of `VARIANTS`.
        width: factor of the channels; 1 in the official files.
        enlarge, looks: see `build_flownet`.

    Raises:
        MissingAsset: the file is not there.
        UserError: it cannot be read, is of another variant or width, or has numbers that are not finite.
    """
    if not path.is_file():
        raise MissingAsset(
            OFFICIAL_FILES[variant], SOURCE, f"{path} (flow_pretrain.weights)", "flow_pretrain.weights: ''"
        )
    if path.suffix == ".safetensors":
        state = load_checkpoint(path)[0].get(_GROUP, {})
    else:
        state = read_torch_weights(path)
    with torch.device("meta"):  # no fresh weights only to replace them
        network = build_flownet(variant, width, enlarge, looks)
    _check(path, state, network, f"flow_pretrain.variant {variant} of width {width:g}")
    state = {name: t.float().contiguous() for name, t in state.items()}
    for name, tensor in state.items():
        if not torch.isfinite(tensor).all():
            raise UserError(f"{path}: {name} has numbers that are not finite", "use another copy of the file")
    network.load_state_dict(state, assign=True)
    return network


def save_flownet(path: Path, network: nn.Module, variant: str, width: float, **description: Any) -> None:
    """Write a network's weights as safetensors, with its variant, its width and what else describes it (JSON-able)."""
    with replacing(path) as temporary:
        groups = {_GROUP: network.state_dict()}
        save_checkpoint(temporary, groups, {"variant": variant, "width": width, **description})


def load_saved_flownet(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """What `save_flownet` wrote: the network, and how it is built (`build_flownet`); errors as in `load_flownet`."""
    description = read_description(path)
    own = {key: description.get(key, 1) for key in ("variant", "width", "enlarge", "looks")}
    counts = [own["enlarge"], own["looks"]]
    numbers = isinstance(own["width"], float | int) and all(isinstance(n, int) and n > 0 for n in counts)
    if own["variant"] not in VARIANTS or not numbers:
        raise UserError(f"{path} is no flow network of h2h", "delete it and run its stage again")
    return load_flownet(path, **own), own


def _check(path: Path, state: dict[str, Tensor], network: nn.Module, wanted: str) -> None:
    """Raise an error that names the first differences."""
    shapes = {name: tuple(t.shape) for name, t in network.state_dict().items()}
    given = {name: tuple(t.shape) for name, t in state.items()}
    if given == shapes:
        return
    faults = [f"{name} is missing" for name in shapes if name not in given]
    faults += [f"{name!r} is unknown" for name in given if name not in shapes]
    faults += [
        f"{name} is {given[name]}, not {shape}" for name, shape in shapes.items() if given.get(name, shape) != shape
    ]
    few = "; ".join(faults[:3]) + (f"; and {len(faults) - 3} more" if len(faults) > 3 else "")
    raise UserError(
        f"{path} does not fit {wanted}: {few}",
        f"name the variant ({', '.join(VARIANTS)}) and the width that the file was made with",
    )
