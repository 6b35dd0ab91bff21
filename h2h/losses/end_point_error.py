"""End-point errors of optical flow: the metric, and the loss over the scales of a FlowNet."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from h2h.flow.channel_norm import channel_norm

FLOWNET_WEIGHTS = (0.005, 0.01, 0.02, 0.08, 0.32)  # of a pixel, finest scale first (FlowNet's published training)


def end_point_error(flow: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean length of the difference in px.

    Args:
        flow, target: (B, 2, H, W) px.
        mask: (B, 1, H, W) bool or 0 to 1; `target` may be anything, also NaN, where it is 0.

    Returns:
        A scalar; NaN when the mask is empty.
    """
    total, weight = _masked_sum(flow, *_known(target, mask))
    return total / weight


def multiscale_end_point_error(
    pyramid: Sequence[Tensor],
    target: Tensor,
    unit: float,
    mask: Tensor | None = None,
    weights: Sequence[float] = FLOWNET_WEIGHTS,
) -> Tensor:
    """The mean end-point error over all pixels of all scales, weighted by scale, in the network's unit.

    FlowNet sums the errors over a scale's pixels and weighs the sums; here that is divided by the weights of all
    counted pixels, so that neither the crop nor the mask changes the loss's size. Unmasked, the five scales'
    means count 4 : 2 : 1 : 1 : 1. A coarse target is the mean of the valid pixels below it and counts by their share.

    Args:
        pyramid: `h2h.flow.frame_pair.predict_pyramid`, (B, 2, h, w) each, finest first.
        target: (B, 2, H, W) px; H and W multiples of every h and w, or divisors.
        unit: px of the network's unit (20: the networks learn target / 20).
        mask: (B, 1, H, W) bool or 0 to 1; `target` may be anything, also NaN, where it is 0.
        weights: of a pixel of each scale, finest first; a shorter pyramid takes the first ones.

    Returns:
        A scalar; 0 when the mask is empty.
    """
    known, valid = _known(target, mask)
    total = weights_seen = target.new_zeros(())
    for weight, flow in zip(weights, pyramid, strict=False):
        share = F.adaptive_avg_pool2d(valid, flow.shape[-2:])
        mean = F.adaptive_avg_pool2d(known * valid, flow.shape[-2:]) / share.clamp_min(torch.finfo(share.dtype).tiny)
        error, count = _masked_sum(flow, mean / unit, share)
        total, weights_seen = total + weight * error, weights_seen + weight * count
    return total / weights_seen.clamp_min(torch.finfo(weights_seen.dtype).tiny)


def _known(target: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """The target with 0 where it is masked out, and the mask as (B, 1, H, W) numbers."""
    if mask is None:
        return target, torch.ones_like(target[:, :1])
    valid = mask.to(target.dtype)
    return torch.where(valid > 0, target, 0), valid


def _masked_sum(flow: Tensor, target: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    return (channel_norm(flow - target) * valid).sum(), valid.sum()
