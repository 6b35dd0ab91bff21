"""Make a person's bundle from a fine-tuned network: needs torch, which loading it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from h2h import __version__, layout
from h2h.bundles.mark import head_model_mark
from h2h.config import Params, validate
from h2h.errors import Rejected, UserError
from h2h.io.cards import card_path, is_rejected, read_card
from h2h.io.person_folder import clip_sha256
from h2h.person.about import about, printable
from h2h.person.arrays import to_arrays
from h2h.person.bundle import digests, read_person, write_person
from h2h.person.card import FORMAT, INTENDED_USE, WHAT, PersonCard
from h2h.person.head import is_open, skin_only
from h2h.person.measure import drive, measure
from h2h.person.network import check_network, shapes_of, stripped
from h2h.person.person import Person
from h2h.render.hybrid import Parameters
from h2h.tracking.head_model import load_head_model

PLATE_FRAMES = 64  # training frames that the clean plate is the median of
# training frames, spread over the clip: every second one is for the 8-bit form's scales, the others to compare
DRIVEN = 24


def export_person(params: Params, experiment: str, name: str, output: Path, videos: Path | None = None) -> Person:
    """Export a fine-tuned person.

    Args:
        params: the project's.
        experiment: whose network of the person.
        name: the person.
        output: the bundle; it is read back.
        videos: the person's folder; None: in `data/identities`.

    Raises:
        UserError: the person is not trained by this experiment or was rejected, or the network cannot be drawn with
            live.
    """
    from h2h.models.int8_form import input_peaks
    from h2h.models.onnx_form import to_onnx
    from h2h.training.restore import load_generator

    videos = videos or layout.PEOPLE / name
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
        _require(path)
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
    driven = drive(generator, drawn, own.network.gaze)
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
        "clips": _clips(videos, Path(paths.artifact("frames", name))),
        "about": about(videos),
        "training": {
            "experiment": experiment,
            "method": description["method"],
            "initialised_from": len(description["initialised_from"]),
            **{key: trained[key] for key in ("first_frame", "frames", "clips", "steps", "precision")},
        },
        "peaks": peaks,
        "speed": measure(model, peaks, driven[1::2] or driven),
        "made_from": {key: read_card(path)["sha256"] for key, path in sources.items()},
        "bytes": sizes,
        "sha256": sums,
    }
    write_person(output, validate(PersonCard, card, str(output)), model, arrays)
    return read_person(output, sources["head_model"])


def _require(artifact: Path) -> None:
    """Raises a UserError that says what to do, unless the artifact is there with its card."""
    if is_rejected(artifact):
        card = read_card(artifact)
        raise UserError(f"{artifact} was rejected: {card['reason']}", card["remedy"])
    for path in (artifact, card_path(artifact)):
        if not path.exists():
            raise UserError(f"{path} is not there", f"run `snakemake {path}`")


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


def _clips(videos: Path, frames: Path) -> list[dict[str, Any]]:
    """Crop, size and checksum of the person's videos, where these and the frames stage's artifact are still here."""
    from h2h.io.h5 import reading
    from h2h.io.video import find_clips, sampled_frames

    try:
        there = {clip.name: clip for clip in find_clips(videos)}
    except Rejected:
        there = {}
    if not frames.exists():
        return []
    with reading(frames) as file:
        crops, files = file["crop"][:], json.loads(file.attrs["clips"])
    found = []
    for clip, crop in zip(files, crops, strict=True):
        path = there.get(clip)
        if path is None or not np.isfinite(crop).all():
            continue
        height, width = next(sampled_frames(path, 1.0)).image.shape[:2]
        known = {"sha256": clip_sha256(path), "name": printable(clip) or None}
        found.append({"crop": crop.tolist(), "width": width, "height": height, **known})
    return found
