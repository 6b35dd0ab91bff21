"""The correlation layer of FlowNetC (Dosovitskiy et al. 2015, eq. 1), kernel size 1.

The cost volume is made of matrix products: for one vertical displacement, the products of a whole row of the first
map with a whole row of the second hold all horizontal displacements on their diagonals. Beside the result, only one
vertical displacement's products and a reordered copy of each map are in memory, in the backward pass also of their
gradients: a few times the maps. The form with `unfold` copies the second map once for each of the 441 displacements.
Two pairs of 256 x 256 frames, forward and backward: 40 MB against 3.7 GB (benchmarks/flow.py).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

MAX_DISPLACEMENT = 20
STRIDE = 2


def correlation(
    first: Tensor, second: Tensor, max_displacement: int = MAX_DISPLACEMENT, stride: int = STRIDE
) -> Tensor:
    """Mean over the channels of first(x, y) * second(x + dx, y + dy); `second` is zero outside.

    Args:
        first, second: (B, C, H, W), any floating type.
        max_displacement: px, of dx and dy.
        stride: px between two displacements.

    Returns:
        (B, D * D, H, W) with D = 2 * (max_displacement // stride) + 1; channel i * D + j is displaced by
        dy = (i - D // 2) * stride and dx = (j - D // 2) * stride (the order of the official layer).
    """
    return _Correlation.apply(first, second, max_displacement // stride, stride)


class _Correlation(torch.autograd.Function):
    """The forward saves nothing but its inputs; the backward repeats the same walk."""

    @staticmethod
    def forward(ctx, first: Tensor, second: Tensor, radius: int, stride: int) -> Tensor:
        ctx.save_for_backward(first, second)
        ctx.radius, ctx.stride = radius, stride
        batch, channels, height, width = first.shape
        span = 2 * radius + 1
        left, right = _rows(first, stride), F.pad(_rows(second, stride), (radius, radius))
        volume = first.new_zeros(batch, span, span, height, left.shape[4], stride)
        for i, here, there in _shifts(radius, stride, height):
            products = left[:, here].mT @ right[:, there]
            volume[:, i, :, here] = _diagonals(products, span).permute(0, 4, 1, 3, 2) / channels
        return volume.view(batch, span * span, height, -1)[..., :width]

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        (first, second), radius, stride = ctx.saved_tensors, ctx.radius, ctx.stride
        batch, channels, height, width = first.shape
        span = 2 * radius + 1
        left, right = _rows(first, stride), F.pad(_rows(second, stride), (radius, radius))
        to_left, to_right = torch.zeros_like(left), torch.zeros_like(right)
        volume = F.pad(gradient, (0, -width % stride)).view(batch, span, span, height, left.shape[4], stride)
        for i, here, there in _shifts(radius, stride, height):
            rows = here.stop - here.start
            products = left.new_zeros(batch, rows, stride, left.shape[4], right.shape[4])
            _diagonals(products, span).copy_(volume[:, i, :, here].permute(0, 2, 4, 3, 1) / channels)
            to_left[:, here] += right[:, there] @ products.mT
            to_right[:, there] += left[:, here] @ products
        to_second = to_right[..., radius : radius + left.shape[4]]
        return _pictures(to_left, width), _pictures(to_second, width), None, None


def _rows(maps: Tensor, stride: int) -> Tensor:
    """(B, C, H, W) -> (B, H, stride, C, I): column stride * i + p is at [p, :, i].

    Displaced columns become neighbours. W is filled up with zeros to a multiple of `stride`.
    """
    batch, channels, height, width = maps.shape
    filled = F.pad(maps, (0, -width % stride))
    return filled.view(batch, channels, height, -1, stride).permute(0, 2, 4, 1, 3).contiguous()


def _pictures(rows: Tensor, width: int) -> Tensor:
    """The inverse of `_rows`."""
    batch, height, stride, channels, columns = rows.shape
    return rows.permute(0, 3, 1, 4, 2).reshape(batch, channels, height, columns * stride)[..., :width]


def _shifts(radius: int, stride: int, height: int) -> list[tuple[int, slice, slice]]:
    """Each vertical displacement's index, the rows of the first map that it leaves inside, and their partners."""
    found = []
    for i in range(2 * radius + 1):
        dy = (i - radius) * stride
        start, stop = max(0, -dy), min(height, height - dy)
        if start < stop:
            found.append((i, slice(start, stop), slice(start + dy, stop + dy)))
    return found


def _diagonals(products: Tensor, span: int) -> Tensor:
    """A view of contiguous (..., I, I + span - 1): (..., I, span), entry [i, d] is products[i, i + d]."""
    *outer, columns, partners = products.shape
    *steps, _, _ = products.stride()
    return products.as_strided((*outer, columns, span), (*steps, partners + 1, 1))
