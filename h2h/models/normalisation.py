"""Instance normalisation, plain and driven by the identity feature (AdaIN, FS eq. 6)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.models.initialise import DEVIATION

EPSILON = 1e-5


def modulated_instance_norm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float = EPSILON) -> Tensor:
    """Normalise each channel of each picture: gamma (x - mu) / sigma + beta, mu and sigma over its pixels.

    One of two fused forms does it, each several times faster on a CPU than `modulated_instance_norm_reference`: a
    batch norm for each picture where the channels are the last axis in memory, else a group norm with one group
    for each channel.

    Args:
        x: (B, C, H, W), any float type.
        gamma: (B, C) or (C,), float32.
        beta: the same.
        epsilon: added to the variance.

    Returns:
        (B, C, H, W), the type and the memory layout of `x`.
    """
    batch, channels, height, width = x.shape
    gamma, beta = (p.expand(batch, channels) for p in (gamma, beta))
    last = x.is_contiguous(memory_format=torch.channels_last)
    if last and x.device.type == "cpu":
        if batch == 1 and not torch.is_grad_enabled():  # a frame at a time: no copies, nothing kept for a gradient
            return torch.native_batch_norm(x, gamma[0], beta[0], None, None, True, 0.0, epsilon)[0]
        return _PictureNorm.apply(x, gamma, beta, epsilon)
    flat = x.reshape(1, batch * channels, height, width)
    normal = F.group_norm(flat, batch * channels, gamma.reshape(-1), beta.reshape(-1), epsilon).view_as(x)
    # Back to the input's layout at once: mixed layouts make every operation that follows, and its gradient, slow.
    return normal.contiguous(memory_format=torch.channels_last) if last else normal


class _PictureNorm(torch.autograd.Function):
    """A batch norm for each picture, with gradients written into one tensor: autograd would fill and add B of them."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float) -> Tensor:
        out, saved = torch.empty_like(x), []
        for i in range(len(x)):
            one = slice(i, i + 1)
            out[one], mean, deviation = torch.native_batch_norm(
                x[one], gamma[i], beta[i], None, None, True, 0.0, epsilon
            )
            saved += [mean, deviation]
        ctx.save_for_backward(x, gamma, *saved)
        ctx.epsilon = epsilon
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        x, gamma, *saved = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        to_x, to_gamma, to_beta = torch.empty_like(x), gamma.new_empty(gamma.shape), gamma.new_empty(gamma.shape)
        for i in range(len(x)):
            one = slice(i, i + 1)
            to_x[one], to_gamma[i], to_beta[i] = torch.ops.aten.native_batch_norm_backward(
                gradient[one], x[one], gamma[i], None, None, saved[2 * i], saved[2 * i + 1], True, ctx.epsilon,
                [True, True, True],
            )  # fmt: skip
        return to_x, to_gamma, to_beta, None


def modulated_instance_norm_reference(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: float = EPSILON) -> Tensor:
    """The same as the formula says it; what the fast form is tested against."""
    variance, mean = torch.var_mean(x.float(), (2, 3), correction=0, keepdim=True)
    normal = (x - mean) / torch.sqrt(variance + epsilon)
    batch, channels = x.shape[:2]
    gamma, beta = (p.expand(batch, channels)[:, :, None, None] for p in (gamma, beta))
    return (gamma * normal + beta).to(x.dtype)


class InstanceNorm(nn.Module):
    """Instance normalisation with learned gamma and beta; ignores the identity feature.

    What vid2vid uses, and what an AdaIN layer becomes in the fine-tuning stage (FS 3.4).
    """

    def __init__(self, channels: int):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """Normalise `x` (B, C, H, W)."""
        return modulated_instance_norm(x, self.gamma, self.beta)


class AdaptiveInstanceNorm(nn.Module):
    """FS eq. 6: (P_gamma h)(x - mu)/sigma + P_beta h, with nothing added to P_gamma h.

    Args:
        channels: C.
        embedding: n_f, the length of h.
    """

    def __init__(self, channels: int, embedding: int):
        super().__init__()
        self.p_gamma = nn.Parameter(torch.randn(channels, embedding) * DEVIATION)
        self.p_beta = nn.Parameter(torch.randn(channels, embedding) * DEVIATION)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """Normalise `x` (B, C, H, W) with the identity features `h` (B, n_f)."""
        gamma, beta = self.affine(h)
        return modulated_instance_norm(x, gamma, beta)

    def affine(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """P_gamma h and P_beta h, both (B, C) for h (B, n_f); in float32 also under autocast."""
        with torch.autocast(h.device.type, enabled=False):
            h = h.float()
            return F.linear(h, self.p_gamma), F.linear(h, self.p_beta)

    @torch.no_grad()
    def start_from(self, h0: Tensor) -> None:
        """Add 1 h0^T / |h0|^2 to P_gamma, so that gamma is about 1 for embeddings near `h0` (n_f,).

        Embeddings have unit norm: with small random weights alone every gain would start near 0.02 and
        the signal would vanish over the layers.
        """
        self.p_gamma += h0[None] / h0.square().sum()

    @torch.no_grad()
    def collapse(self, h: Tensor) -> InstanceNorm:
        """The plain layer that does for every input what this one does with the feature `h` (n_f,)."""
        plain = InstanceNorm(self.p_gamma.shape[0]).to(self.p_gamma.device)
        gamma, beta = self.affine(h[None])
        plain.gamma.copy_(gamma[0])
        plain.beta.copy_(beta[0])
        return plain


def norm_layer(channels: int, embedding: int | None) -> nn.Module:
    """An AdaIN layer, or a plain one where `embedding` is None."""
    return InstanceNorm(channels) if embedding is None else AdaptiveInstanceNorm(channels, embedding)
