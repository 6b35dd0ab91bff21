"""Batches of faces whose flow is known from 4D scans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from h2h.errors import UserError
from h2h.flow.frame_pair import predict_flow
from h2h.flow_training.pairs import Known, Pairs, stacked

FACE, BACKGROUND = "face", "background"
MOST_NUMBERS = 2**29  # of flows that are kept, 1 GB
PICTURES = ("first", "second", "flow", "face", "background", "true_background")
Truth = tuple[np.ndarray, np.ndarray, dict[str, tuple[np.ndarray, np.ndarray]]]  # as `h2h.evaluation.flow_error` reads


class Faces:
    """The pairs of one split.

    Args:
        data: N rows each, what can be indexed by a number (arrays, or datasets of an open file): `first`, `second`
            (S, S, 3) uint8; `flow`, `true_background` (S, S, 2) px, the latter may be NaN; `face`, `background`
            (S, S) bool; `held_out` bool.
        held_out: the pairs of people that no training sees, or the others.

    Raises:
        UserError: the split is empty.
    """

    def __init__(self, data: Mapping[str, np.ndarray], held_out: bool):
        self._data = data
        self.indices = np.flatnonzero(np.asarray(data["held_out"][:], bool) == held_out)
        if not len(self.indices):
            split = "held-out" if held_out else "training"
            raise UserError(f"the facial flow's data has no {split} pairs", "give more subjects in flow_data")

    def pairs(self) -> Iterator[Truth]:
        """All pairs, one after the other, with what is true: on the background only where that is known."""
        for index in self.indices.tolist():
            row = {key: self._data[key][index] for key in PICTURES}
            behind = row["true_background"]
            known = row["background"] & np.isfinite(behind).all(-1)
            yield row["first"], row["second"], {FACE: (row["flow"], row["face"]), BACKGROUND: (behind, known)}

    def choose(self, count: int, rng: np.random.Generator) -> list[int]:
        """The indices of `count` pairs by chance, each at most once while there are enough."""
        return rng.choice(self.indices, count, replace=count > len(self.indices)).tolist()

    def batch(self, indices: Sequence[int]) -> Pairs:
        """Some pairs, of which only the flow on the face is known."""

        def read(key: str) -> list[np.ndarray]:
            return [self._data[key][index] for index in indices]

        masks = {part: stacked([mask[..., None] for mask in read(part)]) for part in (FACE, BACKGROUND)}
        flow = stacked(read("flow"))
        known = {FACE: Known(flow, masks[FACE]), BACKGROUND: Known(torch.zeros_like(flow), masks[BACKGROUND])}
        return Pairs(stacked(read("first")), stacked(read("second")), known)


class OriginalFlow:
    """What the original network says of the background (Head2Head, end of section III), asked once for each pair.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: nn.Module):
        self._network = network
        self._flows: dict[int, Tensor] = {}  # float16, as the stage flow_data stores the true ones; oldest first

    @torch.no_grad()
    def add_to(self, pairs: Pairs, indices: Sequence[int]) -> Pairs:
        """The pairs `indices`, of `Faces.batch` and on the network's device, with the flow on the background."""
        for index, first, second in zip(indices, pairs.first, pairs.second, strict=True):
            if index not in self._flows:
                self._flows[index] = predict_flow(self._network, first[None], second[None])[0].half().cpu()
        flow = torch.stack([self._flows[index] for index in indices]).to(pairs.first)
        while len(self._flows) * flow[0].numel() > MOST_NUMBERS:
            self._flows.pop(next(iter(self._flows)))
        return Pairs(pairs.first, pairs.second, pairs.known | {BACKGROUND: Known(flow, pairs.known[BACKGROUND].mask)})
