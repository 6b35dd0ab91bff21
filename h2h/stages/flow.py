"""Stage flow: optical flow between consecutive real frames, for the dynamics discriminator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.config.geometry import Flow
from h2h.errors import UserError
from h2h.io.h5 import reading, writing

if TYPE_CHECKING:
    from h2h.flow.dis import DisFlow
    from h2h.flow.flownet2_flow import FlowNet2Flow


def run(name: str, output: Path, cfg: Sections, *, frames: Path, network: Path | None = None) -> dict[str, Any]:
    """Optical flow from each frame to the next at `image.size`, zero at the end of a segment.

    With `flow.method: flownet2` by the network of --network, and also where the flow back from the next frame agrees.
    """
    size, settings = cfg.image.size, cfg.flow
    estimate, both_ways = _estimator(settings, network), settings.method == "flownet2"
    lengths, shares = [], []
    with reading(frames) as source, writing(output) as writer:
        segment = source["segment"][:]
        following = _shrink(source["frames"][0], size)
        for i in tqdm(range(len(segment)), desc=f"{name}: flow", unit="frame", leave=False):
            current, valid = following, i + 1 < len(segment) and segment[i + 1] == segment[i]
            if i + 1 < len(segment):
                following = _shrink(source["frames"][i + 1], size)
            flow = estimate(current, following) if valid else np.zeros((size, size, 2), np.float32)
            writer.append(flow=flow.astype(np.float16), valid=np.bool_(valid))
            lengths.append(float(np.linalg.norm(flow, axis=2).mean()))
            if both_ways:
                agrees = _consistent(flow, estimate(following, current)) if valid else np.zeros((size, size), bool)
                writer.append(consistent=agrees)
                shares += [float(agrees.mean())] if valid else []
    summary = {"frames": len(lengths), "mean_px": round(float(np.mean(lengths)), 3), "method": settings.method}
    if both_ways:
        summary |= {"network": settings.network, "consistent": round(float(np.mean(shares)), 3) if shares else None}
    return summary


def _estimator(settings: Flow, network: Path | None) -> DisFlow | FlowNet2Flow:
    if settings.method == "dis":
        from h2h.flow.dis import DisFlow

        return DisFlow(settings.preset)
    if network is None:
        raise UserError("flow.method is flownet2, and no network is given", "give it as --network")
    from h2h.flow.flownet2_flow import FlowNet2Flow
    from h2h.flow.flownet_weights import load_saved_flownet
    from h2h.training.device import pick_device

    return FlowNet2Flow(load_saved_flownet(network)[0].to(pick_device()))


def _consistent(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    from h2h.flow.consistency import consistent  # loads torch, which DIS alone does not need

    return consistent(forward, backward)


def _shrink(image: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
