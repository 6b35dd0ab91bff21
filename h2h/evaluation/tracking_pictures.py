"""Pictures of the tracking for people: NMFC over the frame, and the parameters over time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SIDE = 256  # px
SHARE = 0.55  # of the NMFC's colour over the frame
SHOWN = 6  # expression coefficients drawn, those that vary most


def overlay_frames(frames: np.ndarray, nmfc: np.ndarray, gaze: np.ndarray, tracked: np.ndarray) -> Iterator[np.ndarray]:
    """The frame, the NMFC image over it, and NMFC and gaze alone, side by side.

    Args:
        frames, nmfc, gaze: u8 (T, S, S, 3); anything that gives one frame after the other.
        tracked: bool (T,); other frames get a red edge.

    Yields:
        u8 (256, 768, 3).
    """
    for frame, face, eyes, good in zip(frames, nmfc, gaze, tracked, strict=True):
        drawn = np.maximum(face, eyes)
        seen = drawn.any(axis=-1, keepdims=True)
        over = np.where(seen, (1 - SHARE) * frame + SHARE * drawn, frame).astype(np.uint8)
        parts = [cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for p in (frame, over, drawn)]
        if not good:
            cv2.rectangle(parts[1], (0, 0), (SIDE - 1, SIDE - 1), (220, 30, 30), 6)
        yield np.concatenate(parts, axis=1)


def plot_tracking(
    time: np.ndarray,
    residual: np.ndarray,
    z_id: np.ndarray,
    z_exp: np.ndarray,
    gaze: np.ndarray,
    tracked: np.ndarray,
    path: Path,
) -> None:
    """Reprojection error, coefficients and gaze of a video, as SVG.

    Args:
        time: (T,), seconds.
        residual: (T,), landmark RMS over the distance between the outer eye corners.
        z_id: (n_i,), standard deviations.
        z_exp: (T, n_e), standard deviations.
        gaze: (T, 2, 2), right and left eye's yaw and pitch, radians.
        tracked: bool (T,); other times are shaded.
        path: to write.
    """
    figure, axes = plt.subplots(4, 1, figsize=(10, 7.4), height_ratios=(1, 1, 1.5, 1))
    axes[0].plot(time, 100 * residual, lw=0.9)
    axes[0].set_ylabel("error, %")
    axes[0].set_title("landmark error over the distance between the outer eye corners", fontsize=9)
    axes[1].bar(np.arange(len(z_id)), z_id, width=0.8)
    axes[1].set_ylabel("sigma")
    axes[1].set_title("identity coefficients, one vector for the whole video", fontsize=9)
    for i in np.argsort(-z_exp.std(axis=0))[:SHOWN]:
        axes[2].plot(time, z_exp[:, i], lw=0.9, label=str(i))
    axes[2].legend(ncols=SHOWN, fontsize=7, loc="upper right", title="component", title_fontsize=7)
    axes[2].set_ylabel("sigma")
    axes[2].set_title(f"the {SHOWN} expression coefficients that vary most", fontsize=9)
    for eye, name in enumerate(("right", "left")):
        axes[3].plot(time, np.rad2deg(gaze[:, eye, 0]), lw=0.9, label=f"{name} yaw")
        axes[3].plot(time, np.rad2deg(gaze[:, eye, 1]), lw=0.9, ls=":", label=f"{name} pitch")
    axes[3].legend(ncols=4, fontsize=7, loc="upper right")
    axes[3].set_ylabel("degrees")
    axes[3].set_title("gaze in the head's axes", fontsize=9)
    axes[3].set_xlabel("seconds")
    for axis in (axes[0], axes[2], axes[3]):
        axis.set_xlim(time[0], max(time[-1], time[0] + 1e-3))
        axis.fill_between(
            time, 0, 1, where=~tracked, transform=axis.get_xaxis_transform(), color="red", alpha=0.15, lw=0
        )
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.tick_params(labelsize=7)
    figure.tight_layout()
    with plt.rc_context({"svg.hashsalt": "h2h"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
    plt.close(figure)
