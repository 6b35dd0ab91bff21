"""From two frames to a FlowNet's flow: the input that the networks were trained on, and pictures of any size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.flow.resample import resample

MULTIPLE = 64  # the coarsest level halves six times


def enlargement(network: nn.Module) -> int:
    """How many times as large a network sees its frames, as small ones move by little and its finest flow is coarse."""
    return getattr(network, "enlarge", 1)


def unit(network: nn.Module) -> float:
    """Pixels of the frames as they are given that one unit of the network's output means."""
    return network.unit / enlargement(network)


def enlarged(frames: Tensor, times: int) -> Tensor:
    """Frames (B, 3, H, W), 0 to 255, with `times` the height and width."""
    if times == 1:
        return frames
    return F.interpolate(frames, scale_factor=times, mode="bicubic", align_corners=False).clamp(0, 255)


def normalised_pair(first: Tensor, second: Tensor) -> Tensor:
    """The networks' input: minus the mean colour of both frames together, over 255.

    Args:
        first, second: (B, 3, H, W), RGB, 0 to 255.

    Returns:
        (B, 6, H, W).
    """
    pair = torch.stack((first, second), 2)
    return ((pair - pair.mean((2, 3, 4), keepdim=True)) / 255).transpose(1, 2).flatten(1, 2)


def predict_flow(network: nn.Module, first: Tensor, second: Tensor) -> Tensor:
    """Flow from `first` to `second`, in one look or two (`network.looks`).

    A network misses by some share of a motion. At the second look the second frame is warped back by what the first one
    found, as between the networks of FlowNet2's stack, and the same network says how much is left. Of a motion below a
    pixel only that share of the correction counts: there is little to gain, and warping blurs.

    Args:
        network: one of `h2h.flow.variants`.
        first, second: (B, 3, H, W), RGB, 0 to 255, of any size.

    Returns:
        (B, 2, H, W), (u, v) in pixels: a point at (x, y) moves to (x + u, y + v).
    """
    flow = _look(network, first, second)
    for _ in range(getattr(network, "looks", 1) - 1):
        left = _look(network, first, resample(second, flow, "bicubic").clamp(0, 255))
        flow = flow + left * flow.norm(dim=1, keepdim=True).clamp(max=1)
    return flow


def _look(network: nn.Module, first: Tensor, second: Tensor) -> Tensor:
    """The finest flow at full resolution.

    Sizes that are no multiples of 64 are filled up by repeating the border, half on each side, after the mean
    colour was taken, and the flow is cropped. Resizing (the authors' Caffe scripts) would change the aspect ratio
    and interpolate flows across the edges of the face; NVIDIA's code crops and leaves a border without flow.
    """
    times = enlargement(network)
    first, second = enlarged(first, times), enlarged(second, times)
    height, width = first.shape[-2:]
    down, across = -height % MULTIPLE, -width % MULTIPLE
    top, left = down // 2, across // 2
    pair = F.pad(normalised_pair(first, second), (left, across - left, top, down - top), mode="replicate")
    flow = network(pair)[0] * unit(network)
    flow = F.interpolate(flow, pair.shape[-2:], mode="bilinear", align_corners=False)  # Caffe's has half-pixel centres
    flow = flow[..., top : top + height, left : left + width]
    return flow if times == 1 else F.avg_pool2d(flow, times)


def predict_pyramid(network: nn.Module, first: Tensor, second: Tensor) -> list[Tensor]:
    """The flows of all scales, which a training compares with the truth (`h2h.losses.end_point_error`).

    Args:
        network: one of `h2h.flow.variants`.
        first, second: (B, 3, H, W), RGB, 0 to 255.

    Returns:
        (B, 2, h, w) in `unit(network)` px, finest first: from H/4 to H/64, of the whole stack from H to H/4, of the
        frames as the network sees them.

    Raises:
        ValueError: H or W is no multiple of 64; a training chooses its crops.
    """
    height, width = first.shape[-2:]
    if height % MULTIPLE or width % MULTIPLE:
        raise ValueError(f"{width} x {height} pixels: a training needs multiples of {MULTIPLE}")
    times = enlargement(network)
    return network(normalised_pair(enlarged(first, times), enlarged(second, times)))
