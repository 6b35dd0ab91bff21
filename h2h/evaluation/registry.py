"""All metrics: what a score is called, in which unit, how it is printed, and which way is better.

A score's key is the same in the summary of an evaluation, in the tables' CSV and in metrics.json. `docs/metrics.md`
says what each measures and what it does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Block = Literal["papers", "further", "transfer"]
NETWORKS = {"dlib": "dlib's 128-d network", "arcface": "ArcFace"}  # `features` of an evaluation


@dataclass(frozen=True)
class Metric:
    """A score.

    Attributes:
        label: the heading of its column.
        digits: printed after the point.
        unit: or the range; may be empty.
        higher: is better.
        block: "papers" (what the papers print), "further", or "transfer": of a head that somebody else drives, which
            has no true frames.
        dataset: of the evaluation's file, if the score is its mean over the frames.
        features: it is taken on the identity features of the network that the evaluation names.
        about: one sentence for a reader of the table.
    """

    label: str
    digits: int
    unit: str = ""
    higher: bool = False
    block: Block = "further"
    dataset: str | None = None
    features: bool = False
    about: str = ""


_LEVELS = "0 to 442"  # the L2 norm over RGB of 8-bit values
_OF_EYES = "% of the distance between the outer eye corners"

METRICS: dict[str, Metric] = {
    "average_pixel_distance": Metric(
        "average pixel distance", 2, _LEVELS, block="papers", dataset="pixel_distance",
        about="L2 norm over RGB of the difference, mean over all pixels, on black",
    ),
    "masked_average_pixel_distance": Metric(
        "masked", 2, _LEVELS, block="papers", dataset="masked_pixel_distance",
        about="the same over the true foreground",
    ),
    "mouth_average_pixel_distance": Metric(
        "mouth", 2, _LEVELS, block="papers", dataset="mouth_pixel_distance",
        about="the same in a square around the mouth",
    ),
    "fid": Metric(
        "FID", 3, block="papers", features=True,
        about="Frechet distance between identity features of the true and the synthesised frames",
    ),
    "mask_iou": Metric(
        "mask IoU", 3, "0 to 1", higher=True, block="papers", dataset="mask_iou",
        about="overlap of the synthesised foreground with the true one",
    ),
    "mouth_fid": Metric(
        "mouth FID", 3, about="Frechet distance between features of an ImageNet network in a square around the mouth"
    ),
    "warping_error": Metric(
        "flicker", 2, _LEVELS, dataset="warping_error",
        about="difference from the next frame, warped by the true video's motion",
    ),
    "psnr": Metric("PSNR", 2, "dB", higher=True, dataset="psnr", about="peak signal-to-noise ratio, on black"),
    "face_psnr": Metric("face PSNR", 2, "dB", higher=True, dataset="face_psnr", about="the same inside the true face"),
    "ssim": Metric("SSIM", 3, "-1 to 1", higher=True, dataset="ssim", about="structural similarity, on black"),
    "face_ssim": Metric(
        "face SSIM", 3, "-1 to 1", higher=True, dataset="face_ssim", about="the same inside the true face"
    ),
    "lpips": Metric("LPIPS (AlexNet)", 3, dataset="lpips", about="learned perceptual image patch similarity"),
    "perceptual_distance": Metric(
        "perceptual distance (EfficientNet-Lite0)", 3, "0 to 4", dataset="perceptual_distance",
        about="distance of normalised features; the network of the open perceptual loss, which favours those trained "
        "with it",
    ),
    "identity_similarity": Metric(
        "identity similarity", 3, "-1 to 1", higher=True, dataset="identity_similarity", features=True,
        about="cosine between identity features of a synthesised and the true frame",
    ),
    "person_similarity": Metric(
        "similarity to the person", 3, "-1 to 1", higher=True, dataset="person_similarity", features=True,
        about="cosine with the mean feature of the person's true held-out frames",
    ),
    "faces_missed": Metric(
        "faces missed", 1, "% of frames", dataset="face_missed",
        about="frames in which a face is found and fitted in the true frame only; the next six leave them out",
    ),
    "keypoint_distance": Metric(
        "keypoint distance", 2, _OF_EYES, dataset="keypoint_distance", about="of 68 landmarks found again"
    ),
    "rotation_error": Metric("rotation error", 2, "degrees", dataset="rotation_error", about="of the refitted pose"),
    "expression_error": Metric(
        "expression error", 3, "mm", dataset="expression_error",
        about="RMS over the face of the refitted expressions' difference",
    ),
    "eye_opening_error": Metric(
        "eye-aspect error", 3, dataset="eye_opening_error", about="of the eyes' height over width; open ones have 0.3"
    ),
    "gaze_error": Metric(
        "gaze error", 2, "degrees", dataset="gaze_error", about="of the refitted directions of sight, open eyes only"
    ),
    "face_shape_distance": Metric(
        "face-shape distance", 2, "mm",
        about="RMS over the face between the refitted mean shape and the target's own, after a similarity alignment",
    ),
    "source_shape_distance": Metric(
        "face-shape distance to the source", 2, "mm", higher=True, block="transfer",
        about="the same to the face of the person who drives",
    ),
    "source_shape_share": Metric(
        "the source's share of the face shape", 2, "0 to 1", block="transfer",
        about="how far on the way from the target's face shape to the source's the result is: 0 is the target's",
    ),
    "source_similarity": Metric(
        "similarity to the source", 3, "-1 to 1", block="transfer", dataset="source_similarity", features=True,
        about="cosine with the mean feature of the frames of the person who drives",
    ),
}  # fmt: skip

OF_TRANSFERS = (  # what a head that somebody else drives is scored by, in the order of the columns
    "source_shape_share", "face_shape_distance", "source_shape_distance", "person_similarity", "source_similarity",
    "rotation_error", "expression_error", "gaze_error", "faces_missed",
)  # fmt: skip


def heading(key: str, features: Iterable[str] = ()) -> str:
    """A column's heading with its unit, and the network behind it.

    Args:
        key: of `METRICS`.
        features: the identity networks of the table's evaluations, keys of `NETWORKS`.
    """
    metric = METRICS[key]
    named = " and ".join(NETWORKS.get(name, name) for name in features) if metric.features else ""
    label = f"{metric.label} ({named})" if named else metric.label
    return f"{label}, {metric.unit}" if metric.unit else label


def networks_of(features: Iterable[str]) -> list[str]:
    """The networks behind some rows, sorted; what a row over several evaluations names may be several, too."""
    return sorted({name for names in features for name in str(names).split(", ")})


def number(key: str, value: float | None) -> str:
    """A score as it is printed; a dash where there is none."""
    return "–" if value is None or value != value else f"{value:.{METRICS[key].digits}f}"
