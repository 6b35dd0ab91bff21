"""What one synthesised frame is scored by, against the true one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.evaluation import pixel_distance as px
from h2h.evaluation.face_region import face_region
from h2h.evaluation.signal_noise import psnr
from h2h.evaluation.structural_similarity import similarity_map, ssim
from h2h.evaluation.warping_error import warping_error


@dataclass(frozen=True)
class Pair:
    """A true and a synthesised frame, both on black.

    Attributes:
        real, fake: u8 (S, S, 3).
        real_mask, fake_mask: u8 (S, S), foregrounds.
        nmfc: u8 (S, S, 3), of the true frame.
        mouth: (2,), the true mouth's centre, fractions.
    """

    real: np.ndarray
    fake: np.ndarray
    real_mask: np.ndarray
    fake_mask: np.ndarray
    nmfc: np.ndarray
    mouth: np.ndarray


def frame_scores(pair: Pair, mouth_crop: float) -> tuple[dict[str, float], np.ndarray]:
    """Scores by the names of their datasets, and the map of errors.

    Args:
        pair: the frames.
        mouth_crop: side of the square around the mouth over the frame's.

    Returns:
        The scores, and the L2 norm over RGB, f32 (S, S).
    """
    errors = px.error_map(pair.real, pair.fake)
    face, similarity = face_region(pair.nmfc), similarity_map(pair.real, pair.fake)
    scores = {
        "pixel_distance": float(errors.mean()),
        "masked_pixel_distance": px.masked_mean(errors, pair.real_mask),
        "mouth_pixel_distance": px.mouth_mean(errors, pair.mouth, mouth_crop),
        "mask_iou": px.mask_iou(pair.real_mask, pair.fake_mask),
        "psnr": psnr(pair.real, pair.fake),
        "face_psnr": psnr(pair.real, pair.fake, face),
        "ssim": ssim(similarity),
        "face_ssim": ssim(similarity, face),
    }
    return scores, errors


def flicker(before: Pair, now: Pair, flow: np.ndarray) -> float:
    """`warping_error` between two consecutive frames; the flow (S, S, 2), px, is the true one from the first on."""
    return warping_error((before.fake, now.fake), (before.real, now.real), flow, before.real_mask)
