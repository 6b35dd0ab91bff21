"""The pictures of a figure: rows of frames, from the artifacts of the stages that made them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from h2h.config.figures import Figure
from h2h.io.h5 import reading

MOMENTS = 6  # columns
MASK_ERROR = (255, 60, 60)  # where two masks differ
Rows = dict[str, list[np.ndarray]]


def held_out(person: str, made: dict[str, Path], figure: Figure, work: Path, crop: float) -> tuple[Rows, list[int]]:
    """Truth, conditional input and the results of each experiment, on black; rows and frame numbers.

    Args:
        person: who is seen.
        made: what a row is called -> artifact of synthesize.
        figure: of params.yaml.
        work: folder of all artifacts.
        crop: side of the square around the mouth over the frame's, for figures of the mouth.
    """
    from h2h.evaluation import pictures
    from h2h.evaluation.pixel_distance import error_map, mouth_square

    rows: Rows = {}
    with reading(work / "cache" / f"{person}.h5") as cache:
        places, frames = _moments(next(iter(made.values())))
        truth = [pictures.on_black(cache["frames"][t], cache["mask"][t]) for t in frames]

        def part(picture: np.ndarray, place: int) -> np.ndarray:
            if not figure.mouth:
                return picture
            return picture[mouth_square(picture.shape[0], cache["mouth"][frames[place]], crop)]

        rows["truth"] = [part(picture, i) for i, picture in enumerate(truth)]
        rows["condition"] = [part(np.maximum(cache["nmfc"][t], cache["gaze"][t]), i) for i, t in enumerate(frames)]
        for label, path in made.items():
            with reading(path) as result:
                drawn = [result["frames"][i] for i in places]
            rows[label] = [part(picture, i) for i, picture in enumerate(drawn)]
            if figure.errors:
                maps = [pictures.heat(error_map(a, b)) for a, b in zip(truth, drawn, strict=True)]
                rows[f"error of {label}"] = [part(picture, i) for i, picture in enumerate(maps)]
    return rows, frames


def masks(person: str, made: dict[str, Path], work: Path) -> tuple[Rows, list[int]]:
    """Truth, its foreground, the predicted one of each experiment, and where the two differ (at half opacity)."""
    rows: Rows = {}
    with reading(work / "cache" / f"{person}.h5") as cache:
        places, frames = _moments(next(iter(made.values())))
        rows["truth"] = [cache["frames"][t] for t in frames]
        rows["true mask"] = true = [cache["mask"][t] for t in frames]
        for label, path in made.items():
            with reading(path) as result:
                drawn = [result["mask"][i] for i in places]
            rows[f"mask of {label}"] = drawn
            named = f"difference of {label}" if len(made) > 1 else "difference"
            rows[named] = [_difference(a, b) for a, b in zip(true, drawn, strict=True)]
    return rows, frames


def driven(source: str, made: dict[str, Path], work: Path) -> tuple[Rows, list[int]]:
    """The driver's frames and what each experiment makes of the target; rows and the driver's frame numbers."""
    rows: Rows = {}
    with reading(work / "cache" / f"{source}.h5") as cache:
        places, frames = _moments(next(iter(made.values())))
        rows[f"{source} drives"] = [cache["frames"][t] for t in frames]
    for label, path in made.items():
        with reading(path) as result:
            rows[label] = [result["composite"][i] for i in places]
    return rows, frames


def cycle(person: str, partner: str, path: Path, work: Path) -> tuple[Rows, list[int]]:
    """The person's true frames, the partner's synthesised ones, what came back, and its distance from the truth."""
    from h2h.evaluation import pictures

    places, frames = _moments(path)
    with reading(work / "cache" / f"{person}.h5") as cache, reading(path) as made:
        return {
            person: [pictures.on_black(cache["frames"][t], cache["mask"][t]) for t in frames],
            f"{partner}, driven by it": [made["between"][i] for i in places],
            f"{person}, driven by that": [made["frames"][i] for i in places],
            "error": [pictures.heat(made["error"][i]) for i in places],
        }, frames


def files(folder: Path, name: str, rows: Rows, frames: list[int], save: Callable[..., None]) -> dict[str, Any]:
    """Write a picture of the rows; returns what the template says of it."""
    from h2h.evaluation import pictures

    picture = pictures.grid(rows, side=176, label_width=0)
    save(folder / f"{name}.jpg", pictures.to_jpeg(picture))
    size = {"width": picture.shape[1], "height": picture.shape[0]}
    return {"file": f"{name}.jpg", "labels": list(rows), "frames": frames, **size}


def _moments(path: Path) -> tuple[list[int], list[int]]:
    """Rows of an artifact spread over it, and the frames of the driver's cache that they show."""
    from h2h.evaluation.pictures import evenly

    with reading(path) as made:
        places = evenly(len(made["index"]), MOMENTS)
        return places, [int(made["index"][i]) for i in places]


def _difference(true: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    apart = (true >= 128) != (drawn >= 128)
    grey = np.repeat(true[..., None] // 2, 3, axis=2)
    return np.where(apart[..., None], np.array(MASK_ERROR, np.uint8), grey)
