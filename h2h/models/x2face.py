"""X2Face (Wiles, Koepke, Zisserman, ECCV 2018): new views of a person by warping pictures of them twice.

An embedding network warps each source frame to one embedded face; a driving network looks at a frame of somebody and
says where each pixel of the output comes from in that face. Layers, names and conventions are those of the authors'
release, so that its weights load: pictures in [0, 1], corners aligned (the default of the PyTorch of 2018), black
outside of a picture.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.models.initialise import initialise

RELEASE_SIZE, RELEASE_FILTERS = 256, 64
VECTOR = 128  # length of the vector that is all the driving network keeps of a driving frame
SMALLEST = 32  # px, five halvings
LEAST_CONFIDENCE = 0.1


def fits(size: int) -> bool:
    """Whether X2Face can work with pictures of that side, px."""
    return size >= SMALLEST and size.bit_count() == 1


class Level(nn.Module):
    """One level of a U-Net: halve, do what is below, double; with `skip` the input is appended to the output.

    Args:
        inputs: channels of the input.
        inner: channels below.
        outputs: channels of the output, without the skipped ones.
        below: the next level; None at the bottom.
        skip: append the input.
        top: the first level: no activation before, no normalisation after it.
    """

    def __init__(self, inputs: int, inner: int, outputs: int, below: Level | None, skip: bool, top: bool = False):
        super().__init__()
        halve = nn.Conv2d(inputs, inner, 4, stride=2, padding=1, bias=False)
        returned = inner if below is None or not below.skip else 2 * inner
        double = nn.Conv2d(returned, outputs, 3, padding=1, bias=False)
        down = [halve] if top else [nn.LeakyReLU(0.2), halve]
        up = [nn.ReLU(), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), double]
        self.down = nn.Sequential(*down, *([] if top or below is None else [nn.BatchNorm2d(inner)]))
        self.up = nn.Sequential(*up, *([] if top else [nn.BatchNorm2d(outputs)]))
        self.submodule = below
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs (+ inputs), H, W)."""
        y = self.down(x)
        y = self.up(y if self.submodule is None else self.submodule(y))
        return torch.cat((y, x), 1) if self.skip else y


def unet(outputs: int, filters: int, halvings: int, bottom: int, skips: bool) -> Level:
    """A U-Net for RGB pictures that halves down to `bottom` channels; 1 x 1 pixel where their side is 2^halvings."""
    channels = [filters * min(1 << level, 8) for level in range(halvings - 1)] + [bottom]
    level = None
    for i in reversed(range(1, halvings)):
        level = Level(channels[i - 1], channels[i], channels[i - 1], level, skips)
    return Level(3, channels[0], outputs, level, skip=False, top=True)


class X2Face(nn.Module):
    """The embedding network (with skips) and the driving network (without, through a vector).

    A fresh one starts with offsets of zero: every picture is the mean of the source frames.

    Args:
        size: side of the pictures, px; one that `fits` (release: 256).
        filters: channels at half size (release: 64).
    """

    def __init__(self, size: int = RELEASE_SIZE, filters: int = RELEASE_FILTERS):
        super().__init__()
        self.filters = filters
        halvings = size.bit_length() - 1
        embedding = unet(3, filters, halvings, 8 * filters, skips=True)
        driving = unet(2, filters, halvings, VECTOR, skips=False)
        for network in (embedding, driving):
            initialise(network)
            nn.init.zeros_(network.up[-1].weight)
        # The names of the release's checkpoint.
        self.pix2pixUnwrapped = nn.ModuleDict({"netG": nn.ModuleDict({"model": embedding})})
        self.pix2pixSampler = nn.ModuleDict({"netG": nn.ModuleDict({"model": driving})})
        at = torch.linspace(-1, 1, size)
        self.register_buffer("places", torch.stack(torch.meshgrid(at, at, indexing="xy"), -1), persistent=False)

    def forward(self, sources: Tensor, driving: Tensor) -> Tensor:
        """Show people as they are in driving frames.

        Args:
            sources: (B, M, 3, S, S) in [-1, 1], some frames of each person, on black.
            driving: (B, C, 3, S, S) in [-1, 1], likewise.

        Returns:
            (B, C, 3, S, S) in [-1, 1], float32.
        """
        batch, frames = driving.shape[:2]
        colours, weights = self.embed(sources.flatten(0, 1), (sources.flatten(0, 1) + 1) / 2)
        colours, weights = (x.unflatten(0, (batch, -1)).sum(1) for x in (colours, weights))
        face = (colours / weights).repeat_interleave(frames, 0)
        return 2 * warp(face, self.drive(driving.flatten(0, 1))).unflatten(0, (batch, frames)) - 1

    def embed(self, sources: Tensor, layers: Tensor) -> tuple[Tensor, Tensor]:
        """Each source frame's part in the embedded face, which is the sum of all parts over that of their weights.

        Args:
            sources: (N, 3, S, S) in [-1, 1].
            layers: (N, C, S, S) in [0, 1], what is warped: the frames' colours, an alpha.

        Returns:
            Weighted layers (N, C, S, S) and weights (N, 1, S, S), float32.
        """
        raw = self.pix2pixUnwrapped["netG"]["model"]((sources + 1) / 2).float()
        weights = raw[:, 2:].exp() + LEAST_CONFIDENCE
        return weights * warp(layers, self._grid(raw[:, :2])), weights

    def drive(self, driving: Tensor) -> Tensor:
        """Driving frames (N, 3, S, S) in [-1, 1] -> where their pixels are in the embedded face, (N, S, S, 2)."""
        raw = self.pix2pixSampler["netG"]["model"]((driving + 1) / 2).float()
        return self._grid(torch.tanh(raw))  # the release squashes these offsets twice

    def _grid(self, offsets: Tensor) -> Tensor:
        return self.places + torch.tanh(offsets).permute(0, 2, 3, 1)


def warp(pictures: Tensor, grid: Tensor) -> Tensor:
    """Look up pictures (N, C, S, S) at the places `grid` (N, S, S, 2), x and y from -1 to 1; 0 outside of them."""
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
