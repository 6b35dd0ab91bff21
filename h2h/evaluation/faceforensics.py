"""FaceForensics++'s detector of manipulated faces (Rossler et al. 2019), which both papers asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from h2h.errors import UserError
from h2h.io.pickled_module import read_pickled_module
from h2h.io.torch_weights import REMEDY, read_torch_weights
from h2h.models.xception import SIDE, Xception, manipulated

NAME = "FaceForensics++"
BATCH = 8
COUNTERS = "num_batches_tracked"  # older PyTorch had none


def faceforensics(path: Path, network: Xception | None = None) -> Callable[[np.ndarray], np.ndarray]:
    """A function from face crops (B, S, S, 3) uint8 to the probability that each is manipulated, (B,) float64.

    Args:
        path: `full_c23.p` or another of its Xceptions: a module pickled whole, or a state dict.
        network: of the file's shape, for other sizes than the published one.

    Raises:
        UserError: the file cannot be read, or its tensors are not this network's.
    """
    network = network or Xception()
    fill(network, _tensors(path), path)
    network.eval()

    def judge(crops: np.ndarray) -> np.ndarray:
        found = [np.zeros(0)]
        for first in range(0, len(crops), BATCH):
            large = [
                cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for crop in crops[first : first + BATCH]
            ]
            pictures = torch.from_numpy(np.stack(large)).permute(0, 3, 1, 2).float() / 127.5 - 1
            found.append(manipulated(network, pictures).double().numpy())
        return np.concatenate(found)

    return judge


def fill(network: Xception, tensors: dict[str, torch.Tensor], path: Path) -> None:
    """Load named tensors whose names and shapes must be exactly the network's.

    Raises:
        UserError: naming the first tensor that lacks, is too much, or has another shape.
    """
    state = {_name(key): value for key, value in tensors.items() if not key.endswith(COUNTERS)}
    wanted = {key: value for key, value in network.state_dict().items() if not key.endswith(COUNTERS)}
    for key in sorted(set(wanted) ^ set(state)):
        raise UserError(f"{path}: {'lacks' if key in wanted else 'has too much:'} {key}", REMEDY)
    for key, value in wanted.items():
        if state[key].shape != value.shape:
            shapes = f"{tuple(state[key].shape)} instead of {tuple(value.shape)}"
            raise UserError(f"{path}: {key} is {shapes}", REMEDY)
        if not torch.isfinite(state[key]).all():
            raise UserError(f"{path}: {key} has values that are no numbers", REMEDY)
    network.load_state_dict(state, strict=False)


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    try:
        return read_torch_weights(path)
    except UserError:
        return read_pickled_module(path)


def _name(key: str) -> str:
    """The network's own name: without the wrapper's prefix, and with dropout the last layer is the second of two."""
    return key.removeprefix("model.").replace("last_linear.1.", "last_linear.")
