"""The fit of a head model to a video over time, as a chart."""

from __future__ import annotations

import numpy as np
from matplotlib import pyplot as plt

from h2h.pages.charts import STYLE, as_svg

SHOWN = 6  # expression coefficients drawn, those that vary most


def tracking_chart(
    time: np.ndarray,
    residual: np.ndarray,
    z_id: np.ndarray,
    z_exp: np.ndarray,
    gaze: np.ndarray,
    tracked: np.ndarray,
    label: str,
) -> str:
    """Reprojection error, coefficients and gaze of a video, as SVG.

    Args:
        time: (T,), seconds.
        residual: (T,), landmark RMS over the distance between the outer eye corners.
        z_id: (n_i,), standard deviations.
        z_exp: (T, n_e), standard deviations.
        gaze: (T, 2, 2), right and left eye's yaw and pitch, radians.
        tracked: bool (T,); other times are shaded.
        label: for those who do not see it.
    """
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(4, 1, figsize=(10.2, 8.2), height_ratios=(1, 1, 1.5, 1))
        axes[0].plot(time, 100 * residual, lw=0.9)
        axes[0].set_ylabel("error, %")
        axes[0].set_ylim(bottom=0)
        axes[0].set_title("landmark error over the distance between the outer eye corners")
        axes[1].bar(np.arange(len(z_id)), z_id, width=0.8)
        axes[1].set_ylabel("sigma")
        axes[1].set_xlabel("component")
        axes[1].set_title("identity coefficients, one vector for the whole video")
        axes[1].margins(x=0.01)
        chosen = np.argsort(-z_exp.std(axis=0))[:SHOWN]
        for i in chosen:
            axes[2].plot(time, z_exp[:, i], lw=0.9, label=str(i))
        axes[2].set_ylabel("sigma")
        axes[2].set_title(f"the {len(chosen)} expression coefficients that vary most")
        for eye, name in enumerate(("right", "left")):
            axes[3].plot(time, np.rad2deg(gaze[:, eye, 0]), lw=0.9, label=f"{name} yaw", color=f"C{eye}")
            axes[3].plot(time, np.rad2deg(gaze[:, eye, 1]), lw=0.9, ls=":", label=f"{name} pitch", color=f"C{eye}")
        axes[3].set_ylabel("degrees")
        axes[3].set_title("gaze in the head's axes")
        axes[3].set_xlabel("seconds")
        for axis, columns in ((axes[2], SHOWN), (axes[3], 4)):
            axis.legend(ncols=columns, fontsize=7.5, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1)
        for axis in (axes[0], axes[2], axes[3]):
            axis.set_xlim(time[0], max(time[-1], time[0] + 1e-3))
            across = axis.get_xaxis_transform()
            axis.fill_between(time, 0, 1, where=~tracked, transform=across, color="#e15759", alpha=0.2, lw=0)
    return as_svg(figure, label)
