"""A FlowNet2 network as an estimator of flow between arrays of frames."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from h2h.flow.frame_pair import predict_flow


class FlowNet2Flow:
    """Called like `h2h.flow.dis.DisFlow`, also with batches.

    Args:
        network: one of `h2h.flow.variants`; frames are moved to its device.
        batch: pairs that go through the network at once.
    """

    def __init__(self, network: nn.Module, batch: int = 1):
        self._network, self._batch = network.eval(), batch

    @torch.inference_mode()
    def __call__(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Motion from `first` to `second`: a point at (x, y) moves to (x + u, y + v).

        Args:
            first, second: (H, W, 3) or (N, H, W, 3) RGB, uint8, or floating from 0 to 255.

        Returns:
            (H, W, 2) or (N, H, W, 2) float32, u and v in pixels.
        """
        pairs = [np.reshape(frames, (-1, *frames.shape[-3:])) for frames in (first, second)]
        flow = np.empty((*pairs[0].shape[:3], 2), np.float32)
        for start in range(0, len(flow), self._batch):
            some = slice(start, start + self._batch)
            found = predict_flow(self._network, *(self._tensor(frames[some]) for frames in pairs))
            flow[some] = found.movedim(1, -1).float().cpu().numpy()
        return flow.reshape(*first.shape[:-1], 2)

    def _tensor(self, frames: np.ndarray) -> Tensor:
        device = next(self._network.parameters()).device
        return torch.from_numpy(np.ascontiguousarray(frames)).movedim(-1, 1).to(device, torch.float32)
