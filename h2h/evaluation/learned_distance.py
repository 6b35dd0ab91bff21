"""LPIPS (Zhang et al. 2018), by its authors' package; the AlexNet below its learned weights is not in there."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from h2h.errors import MissingAsset, UserError
from h2h.evaluation.perceptual_distance import as_tensor

LAYERS = ("slice1.0", "slice2.3", "slice3.6", "slice4.8", "slice5.10")  # in lpips; `features.0` to `.10` in torchvision


def choose(perceptual: str, alexnet: Path) -> str:
    """The distance that "auto" means on this machine: "lpips" or "efficientnet_lite0".

    Raises:
        MissingAsset: LPIPS is asked for, and AlexNet's weights are not there.
    """
    if perceptual == "lpips" and not alexnet.is_file():
        raise MissingAsset(
            "alexnet-owt-7be5be79.pth (AlexNet's ImageNet weights, for LPIPS)",
            "torchvision's model page",
            str(alexnet),
            "evaluate.perceptual: efficientnet_lite0",
        )
    if perceptual == "auto":
        return "lpips" if alexnet.is_file() else "efficientnet_lite0"
    return perceptual


def lpips_distance(alexnet: Path) -> Callable[[np.ndarray, np.ndarray], float]:
    """A function from two pictures (H, W, 3) uint8 to their LPIPS (version 0.1, AlexNet), 0 for equal ones.

    Args:
        alexnet: torchvision's ImageNet state dict of AlexNet.

    Raises:
        UserError: the file is no such state dict.
    """
    import lpips

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it asks torchvision for random weights in an old way
        network = lpips.LPIPS(net="alex", version="0.1", pnet_rand=True, verbose=False).eval()
    try:
        weights = torch.load(alexnet, map_location="cpu", weights_only=True)
        names = {f"features.{layer.split('.')[1]}": layer for layer in LAYERS}
        found = {f"{names[old]}.{kind}": weights[f"{old}.{kind}"] for old in names for kind in ("weight", "bias")}
        network.net.load_state_dict(found)
    except Exception as error:  # torch reports a damaged file in many ways
        raise UserError(
            f"{alexnet} does not hold AlexNet's weights: {str(error).splitlines()[0]}",
            "get alexnet-owt-7be5be79.pth from torchvision's model page",
        ) from error

    @torch.inference_mode()
    def distance(real: np.ndarray, fake: np.ndarray) -> float:
        return float(network(as_tensor(real), as_tensor(fake)))

    return distance
