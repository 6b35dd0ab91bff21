"""Stage matting: a soft foreground mask for every frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.config.preprocessing import Matting
from h2h.errors import MissingAsset, Rejected
from h2h.io.h5 import reading, writing


def run(name: str, output: Path, cfg: Sections, *, frames: Path) -> dict[str, Any]:
    """Soft foreground masks: MediaPipe (or BiSeNet) refined by closed-form matting."""
    from h2h.matting.refine import closed_form_alpha, coarse_alpha

    settings, size = cfg.matting, cfg.image.size
    covered = []
    with reading(frames) as source, _segmenter(settings) as segment, writing(output) as writer:
        # padding is nobody: the mask ends where the video's picture does
        inside = [_rectangle(box, size) for box in source["picture"][:]]
        for i in tqdm(range(len(source["frames"])), desc=f"{name}: matting", unit="frame", leave=False):
            image = source["frames"][i]
            probability = cv2.resize(segment(image), (size, size), interpolation=cv2.INTER_AREA)
            small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
            refined = settings.refine == "closed_form"
            alpha = closed_form_alpha(small, probability, settings.trimap_px) if refined else coarse_alpha(probability)
            alpha *= inside[source["clip"][i]]
            covered.append(alpha.mean() / 255)
            writer.append(mask=alpha)
        empty = np.flatnonzero(np.array(covered) < 0.01)
        if len(empty) > 0.2 * len(covered):
            at = source["time"][empty[0]]
            raise Rejected(
                f"no person found in {len(empty)} of {len(covered)} frames, the first at {at:.1f} s",
                "use a clip with a clearer background, or matting.method bisenet with its weights",
            )
    return {"frames": len(covered), "foreground": round(float(np.mean(covered)), 4)}


def _rectangle(box: np.ndarray, size: int) -> np.ndarray:
    """1 where the pixel's centre lies in the box (x0, y0, x1, y1 as fractions), else 0. -> (size, size) uint8."""
    centre = (np.arange(size) + 0.5) / size
    across, down = (centre >= box[0]) & (centre <= box[2]), (centre >= box[1]) & (centre <= box[3])
    return (down[:, None] & across[None]).astype(np.uint8)


@contextmanager
def _segmenter(settings: Matting) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    if settings.method == "mediapipe":
        from h2h.matting.mediapipe_segmentation import SelfieSegmenter

        with SelfieSegmenter() as segmenter:
            yield segmenter
        return
    from h2h.matting.bisenet import FaceParser

    if not Path(settings.weights).is_file():
        raise MissingAsset(
            "79999_iter.pth (BiSeNet face parsing)",
            "the face-parsing.PyTorch project's download link",
            f"{settings.weights} (matting.weights)",
            "matting.method: mediapipe",
        )
    yield FaceParser(Path(settings.weights))
