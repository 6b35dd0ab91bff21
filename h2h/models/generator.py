"""The sequential generator G (FS 3.3 and eq. 5; Head2Head III.C without the mask output)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.models.blocks import decoder, encoder, wide_convolution
from h2h.models.initialise import initialise
from h2h.models.normalisation import AdaptiveInstanceNorm

CONDITION_FRAMES = 3  # x_{t-2:t} in the papers
HISTORY_FRAMES = 2  # y_{t-2:t-1} in the papers


class Generator(nn.Module):
    """y_t, m_t = G(x_{t-2:t}, y_{t-2:t-1}, h).

    Two encoders of the same form, one for the conditional input and one for the previous outputs; their
    features are added and decoded to a frame (tanh) and a foreground mask (sigmoid). Without previous outputs
    the second encoder is left out: a baseline that knows no time (pix2pix, from one condition) or only that of its
    conditional input (Deep Video Portraits, from a window).

    Args:
        condition_channels: channels of one frame's conditional input (NMFC 3, with gaze 6).
        filters: channels at full resolution (papers: 64).
        halvings: stride-2 convolutions in each encoder, each with twice the channels (release: 3, from 256 to 32 px).
        encoder_blocks: residual blocks in each encoder.
        decoder_blocks: residual blocks in the decoder.
        condition_frames: conditional inputs that it sees, the current one and those before it.
        history_frames: previous outputs that it sees.
        patch: side of the squares of pixels that become channels at the input, and pixels again at the output; with 2
            all layers work at half the resolution, and no pixel is thrown away. 1 is the papers' network.
        embedding: n_f; None for plain instance normalisation (the person-specific network, and vid2vid).
    """

    def __init__(
        self,
        condition_channels: int,
        filters: int = 64,
        halvings: int = 3,
        encoder_blocks: int = 5,
        decoder_blocks: int = 4,
        embedding: int | None = 512,
        condition_frames: int = CONDITION_FRAMES,
        history_frames: int = HISTORY_FRAMES,
        patch: int = 1,
    ):
        super().__init__()
        self.embedding = embedding
        self.condition_frames, self.history_frames = condition_frames, history_frames
        self.patch, pixels = patch, patch * patch
        inputs = condition_frames * condition_channels * pixels
        self.condition_encoder = encoder(inputs, filters, halvings, encoder_blocks, embedding)
        self.history_encoder = None
        if history_frames:
            self.history_encoder = encoder(3 * history_frames * pixels, filters, halvings, encoder_blocks, embedding)
        self.decoder = decoder(filters, halvings, decoder_blocks, embedding)
        self.output = wide_convolution(filters, 4 * pixels)
        initialise(self)

    def forward(self, condition: Tensor, history: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Generate one frame for each clip of the batch.

        Args:
            condition: (B, condition_frames * condition_channels, H, W) in [-1, 1], oldest frame first.
            history: (B, 3 * history_frames, H, W), previous outputs, oldest first; zeros where there is none.
            h: (B, n_f) identity features; unused once collapsed.

        Returns:
            frame (B, 3, H, W) in [-1, 1] and mask (B, 1, H, W) in [0, 1], float32.
        """
        features = self.condition_encoder(F.pixel_unshuffle(condition, self.patch), h)
        if self.history_encoder is not None:
            features = features + self.history_encoder(F.pixel_unshuffle(history, self.patch), h)
        raw = F.pixel_shuffle(self.output(self.decoder(features, h)).float(), self.patch)
        return torch.tanh(raw[:, :3]), torch.sigmoid(raw[:, 3:])

    def start_from(self, h0: Tensor) -> None:
        """Data-dependent start of all AdaIN layers from the mean initial embedding `h0` (n_f,)."""
        for layer in self.modules():
            if isinstance(layer, AdaptiveInstanceNorm):
                layer.start_from(h0)

    def collapse(self, h: Tensor) -> None:
        """Replace every AdaIN layer, in place, by plain instance normalisation (FS 3.4).

        With gamma = P_gamma h and beta = P_beta h the output for the feature `h` (n_f,) stays the same.
        """
        for parent in list(self.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, AdaptiveInstanceNorm):
                    setattr(parent, name, child.collapse(h))
        self.embedding = None
