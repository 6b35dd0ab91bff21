"""The three FlowNet2 operations pixel by pixel, as the official CUDA kernels define them; slow, differentiable."""

import math

import torch
from torch import Tensor


def loop_correlation(first: Tensor, second: Tensor, max_displacement: int, stride: int) -> Tensor:
    batch, _, height, width = first.shape
    reach = [d * stride for d in range(-(max_displacement // stride), max_displacement // stride + 1)]
    pictures = []
    for b in range(batch):
        for dy in reach:
            for dx in reach:
                for y in range(height):
                    for x in range(width):
                        inside = 0 <= y + dy < height and 0 <= x + dx < width
                        there = second[b, :, y + dy, x + dx] if inside else torch.zeros_like(second[b, :, 0, 0])
                        pictures.append((first[b, :, y, x] * there).mean())
    return torch.stack(pictures).view(batch, len(reach) ** 2, height, width)


def loop_resample(maps: Tensor, flow: Tensor) -> Tensor:
    batch, channels, height, width = maps.shape
    pixels = []
    for b in range(batch):
        for y in range(height):
            for x in range(width):
                at_x, at_y = x + flow[b, 0, y, x], y + flow[b, 1, y, x]
                left, top = math.floor(at_x.item()), math.floor(at_y.item())
                alpha, beta = at_x - left, at_y - top
                xs = [min(max(column, 0), width - 1) for column in (left, left + 1)]
                ys = [min(max(row, 0), height - 1) for row in (top, top + 1)]
                upper = (1 - alpha) * maps[b, :, ys[0], xs[0]] + alpha * maps[b, :, ys[0], xs[1]]
                lower = (1 - alpha) * maps[b, :, ys[1], xs[0]] + alpha * maps[b, :, ys[1], xs[1]]
                pixels.append((1 - beta) * upper + beta * lower)
    return torch.stack(pixels).view(batch, height, width, channels).permute(0, 3, 1, 2)


def loop_channel_norm(x: Tensor) -> Tensor:
    batch, channels, height, width = x.shape
    pixels = [
        sum(x[b, c, row, column] ** 2 for c in range(channels)) ** 0.5
        for b in range(batch)
        for row in range(height)
        for column in range(width)
    ]
    return torch.stack(pixels).view(batch, 1, height, width)
