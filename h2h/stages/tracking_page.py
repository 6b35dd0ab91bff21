"""The report's page about tracking: a film and a plot for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h2h.evaluation.flow_error import Estimator
from h2h.io.atomic import replacing
from h2h.io.h5 import reading
from h2h.stages.flow_page import write_flow_film

MOST_FRAMES = 300  # of a film; longer videos show every second, third ... frame
CHUNK = 64
QUALITY = 26  # x264's crf: a diagnostic film may be small


def write_tracking_page(
    page: Path, template: Any, people: list[str], work: Path, media: Path, estimators: Mapping[str, Estimator]
) -> None:
    """Write the page and what it shows; nothing if there is nobody.

    Args:
        page: the HTML file.
        template: the page's Jinja template.
        people: whose caches exist.
        work: folder of all artifacts.
        media: folder beside the page.
        estimators: see `h2h.stages.flow_page`.
    """
    from h2h.evaluation.flow_pictures import wheel
    from h2h.evaluation.pictures import to_png
    from h2h.tracking.head_model import load_head_model

    if not people:
        return
    model = load_head_model(work / "head_model" / "head_model.h5")
    sigmas = model.identity_sigma, model.expression_sigma
    shown = [_person(name, work / "cache" / f"{name}.h5", sigmas, media) for name in people]
    for person in shown:
        person["flow"] = write_flow_film(person["name"], work, estimators, media)
    with replacing(media / "flow_wheel.png") as temporary:
        temporary.write_bytes(to_png(wheel()))
    with replacing(page) as temporary:
        temporary.write_text(template.render(people=shown, estimators=list(estimators)), encoding="utf-8")


def _person(name: str, path: Path, sigmas: tuple[np.ndarray, np.ndarray], media: Path) -> dict[str, Any]:
    from h2h.evaluation.tracking_pictures import overlay_frames, plot_tracking
    from h2h.io.video_writer import write_video

    with reading(path) as cache:
        tracked = cache["tracked"][:].astype(bool)
        step = -(-len(tracked) // MOST_FRAMES)
        rows = (_rows(cache[key], step) for key in ("frames", "nmfc", "gaze"))
        fps = float(cache.attrs["fps"]) / step
        film, plot = f"tracking_{name}.mp4", f"tracking_{name}.svg"
        with replacing(media / film) as temporary:
            write_video(temporary, overlay_frames(*rows, tracked[::step]), fps, QUALITY)
        fit = {key: cache[f"tracking/{key}"][:] for key in ("residual", "identity", "expression", "gaze")}
        z_id, z_exp = fit["identity"] / sigmas[0], fit["expression"] / sigmas[1]
        with replacing(media / plot) as temporary:
            plot_tracking(cache["time"][:], fit["residual"], z_id, z_exp, fit["gaze"], tracked, temporary)
    return {
        "name": name,
        "frames": len(tracked),
        "tracked": int(tracked.sum()),
        "residual": float(np.median(fit["residual"])),
        "video": f"media/{film}",
        "plot": f"media/{plot}",
    }


def _rows(dataset: h5py.Dataset, step: int) -> Iterator[np.ndarray]:
    """Every `step`-th frame of a dataset, read a chunk at a time."""
    for first in range(0, len(dataset), CHUNK * step):
        yield from dataset[first : first + CHUNK * step : step]
