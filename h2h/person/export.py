"""Make a person's bundle from a fine-tuned network: needs torch, which loading it does not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from h2h import __version__, layout
from h2h.bundles.mark import head_model_mark
from h2h.config import Params, validate
from h2h.errors import UserError
from h2h.io.cards import is_rejected, read_card, sha256
from h2h.person import speed
from h2h.person.arrays import to_arrays
from h2h.person.bundle import digests, read_person, write_person
from h2h.person.card import FORMAT, INTENDED_USE, WHAT, PersonCard
from h2h.person.head import is_open, skin_only
from h2h.person.history import History
from h2h.person.network import check_network, shapes_of, stripped
from h2h.person.person import Person
from h2h.person.renderer import to_condition
from h2h.render.hybrid import Parameters
from h2h.tracking.head_model import load_head_model

PLATE_FRAMES = 64  # training frames that the clean plate is the median of
DRIVEN = (
    24  # training frames, spread over the clip: every second one is for the int8 form's scales, the others to compare
)
FURTHEST = 2.0  # levels of 255, mean: a runtime further from torch is measured, and not chosen


def export_person(params: Params, experiment: str, name: str, output: Path) -> Person:
    """Export a fine-tuned person.

    Args:
        params: the project's.
        experiment: whose network of the person.
        name: the person.
        output: the bundle; it is read back.

    Raises:
        UserError: the person is not trained by this experiment, or the network cannot be drawn with live.
    """
    from h2h.models.int8_form import input_peaks
    from h2h.models.onnx_form import to_onnx
    from h2h.training.restore import load_generator

    own = params.of_experiment(experiment) if experiment in params.experiments else None
    if own is None or not own.experiments[experiment].tuned:
        raise UserError(f"experiments.{experiment} fine-tunes nobody", "name an experiment of method ours or vid2vid")
    if own.network.landmarks:
        raise UserError(f"experiments.{experiment} is driven by drawn landmarks", "name an experiment with NMFC images")
    paths = layout.Layout(params.profile.work, params.profile.reports)
    sources = {
        "network": Path(paths.artifact("finetune", f"{experiment}.{name}")),
        "cache": Path(paths.artifact("cache", name)),
        "head_model": Path(paths.artifact("head_model", "head_model")),
    }
    for path in sources.values():
        if not path.exists() or is_rejected(path):
            raise UserError(f"{path} is not there", f"run `snakemake {path.with_suffix('.json')}`")
    generator, description = load_generator(
        sources["network"], own.network, own.image.size, own.experiments[experiment].method
    )
    model = stripped(to_onnx(generator, own.image.size))
    frames, history = own.network.condition_frames, own.network.history_frames
    check_network(model, *shapes_of(own.image.size, 6 if own.network.gaze else 3, frames, history))
    drawn, parameters, plate, cuts, fps = _read_cache(sources["cache"])
    whole = load_head_model(sources["head_model"])
    mark = head_model_mark(whole)
    inside = is_open(mark.licence)
    arrays = to_arrays(parameters, plate, skin_only(whole) if inside else None)
    sizes, sums = digests(model, arrays)
    driven = _drive(generator, drawn, own.network.gaze)
    peaks = input_peaks(model, [given for given, _ in driven[::2]])
    trained = read_card(sources["network"])["summary"]
    card = {
        "format": FORMAT,
        "h2h": __version__,
        "what": WHAT,
        "intended_use": INTENDED_USE,
        "name": name,
        "image": own.image.model_dump(),
        "nmfc": own.nmfc.model_dump(),
        "frames": own.frames.model_dump(),
        "tracking": own.tracking.model_dump(),
        "synthesize": own.synthesize.model_dump(),
        "fps": fps,
        "network": {"gaze": own.network.gaze, "condition_frames": frames, "history_frames": history},
        "tracked_frames": len(parameters.scale),
        "cuts": cuts,
        "head_model": mark.model_dump(),
        "head_model_inside": inside,
        "clips": _clips(name, Path(paths.artifact("frames", name))),
        "about": _about(name),
        "training": {
            "experiment": experiment,
            "method": description["method"],
            "initialised_from": len(description["initialised_from"]),
            **{key: trained[key] for key in ("first_frame", "frames", "clips", "steps", "precision")},
        },
        "peaks": peaks,
        "speed": _measure(model, peaks, driven[1::2] or driven),
        "made_from": {key: read_card(path)["sha256"] for key, path in sources.items()},
        "bytes": sizes,
        "sha256": sums,
    }
    write_person(output, validate(PersonCard, card, str(output)), model, arrays)
    return read_person(output, sources["head_model"])


def _read_cache(path: Path) -> tuple[tuple[np.ndarray, np.ndarray], Parameters, np.ndarray, list[int], float]:
    """A few conditional images, the training frames' parameters, the clean plate, cuts, frames a second."""
    from h2h.io.h5 import reading
    from h2h.models.background import clean_plate

    with reading(path) as file:
        count = int(file.attrs["train_frames"])
        chosen = np.unique(np.linspace(0, count - 1, min(count, PLATE_FRAMES)).round().astype(int))
        plate = clean_plate(file["frames"][chosen], file["mask"][chosen])
        group = file["tracking"]
        moving = {key: group[key][:count] for key in ("expression", "scale", "rotation", "translation", "gaze")}
        parameters = Parameters(identity=group["identity"][:], **moving)
        cuts = (np.flatnonzero(np.diff(file["segment"][:count])) + 1).tolist()
        spread = np.unique(np.linspace(0, count - 1, min(count, DRIVEN)).round().astype(int))
        return (file["nmfc"][spread], file["gaze"][spread]), parameters, plate, cuts, float(file.attrs["fps"])


Pair = tuple[np.ndarray, np.ndarray]


def _drive(generator: Any, drawn: Pair, gaze: bool) -> list[tuple[Pair, Pair]]:
    """What torch is given (condition, history) and draws (frame, mask), frame after frame, each from those before."""
    import torch

    size = drawn[0].shape[1]
    memory = History(size, 6 if gaze else 3, generator.condition_frames, generator.history_frames)
    driven = []
    for nmfc, eyes in zip(*drawn, strict=True):
        condition, history = (x.copy() for x in memory.inputs(to_condition(nmfc, eyes if gaze else None)))
        with torch.inference_mode():
            frame, mask = (x.numpy() for x in generator(torch.from_numpy(condition), torch.from_numpy(history)))
        driven.append(((condition, history), (frame, mask)))
        memory.push(frame)
    return driven


def _measure(model: bytes, peaks: list[float], driven: list[tuple[Pair, Pair]]) -> dict[str, Any]:
    """Milliseconds of every runtime here, and its difference from torch when both see the same inputs."""
    from h2h.evaluation.environment import processor

    runtimes = {name: speed.start(name, model, 0, peaks) for name in speed.available()}
    apart: dict[str, list[np.ndarray]] = {name: [] for name in runtimes}
    for given, (frame, mask) in driven:
        for name, run in runtimes.items():
            found = run(*given)
            apart[name].append(127.5 * np.abs(found[0] - frame).ravel())
            apart[name].append(255 * np.abs(found[1] - mask).ravel())
    parity = {}
    for name, parts in apart.items():
        levels = np.concatenate(parts)
        parity[name] = {"largest": round(float(levels.max()), 4), "mean": round(float(levels.mean()), 4)}
    spent = speed.milliseconds(runtimes, driven[-1][0])
    close = [name for name in runtimes if parity[name]["mean"] <= FURTHEST]
    return {
        "processor": "".join(c for c in processor() if c.isprintable())[:300],
        "threads": len(os.sched_getaffinity(0)),
        "milliseconds": spent,
        "frames": len(driven),
        "parity": parity,
        "order": sorted(close, key=lambda name: spent[name]),
    }


def _clips(name: str, frames: Path) -> list[dict[str, Any]]:
    """Crop, size and checksum of the person's videos, where these and the frames stage's artifact are still here."""
    from h2h.io.h5 import reading
    from h2h.io.video import sampled_frames

    if not frames.exists():
        return []
    with reading(frames) as file:
        crops, files = file["crop"][:], json.loads(file.attrs["clips"])
    found = []
    for clip, crop in zip(files, crops, strict=True):
        path = layout.PEOPLE / name / clip
        if not path.is_file() or not np.isfinite(crop).all():
            continue
        height, width = next(sampled_frames(path, 1.0)).image.shape[:2]
        found.append({"crop": crop.tolist(), "width": width, "height": height, "sha256": sha256(path)})
    return found


def _about(name: str) -> dict[str, str | None]:
    file = layout.identity_file(name)
    return {key: _printable(getattr(file, key)) for key in ("source", "licence", "credit", "consent")}


def _printable(text: str | None) -> str | None:
    return None if text is None else "".join(c for c in " ".join(text.split()) if c.isprintable())[:300]
