"""Generate a video of a target: self-reenactment on held-out frames, or driven by another person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from h2h.config import Sections, load_params
from h2h.io.threads import share_cores

if TYPE_CHECKING:
    import h5py

    from h2h.io.record import Record
    from h2h.models.generator import Generator
    from h2h.models.x2face import X2Face
    from h2h.render.hybrid import Parameters

PLATE_FRAMES = 64  # training frames that the clean plate is the median of
EMBEDDED_FRAMES = 32  # of a training person, for the multi-person network itself
WRITE_CHUNK = 8


@dataclass(frozen=True)
class Driving:
    """What drives the network.

    Attributes:
        index: (T,) frames of the driving person's cache.
        nmfc: (T, S, S, 3) uint8.
        gaze: (T, S, S, 3) uint8.
        segment: (T,) ints.
        fps: frames a second.
        cache: the driving person's cache.
    """

    index: np.ndarray
    nmfc: np.ndarray
    gaze: np.ndarray
    segment: np.ndarray
    fps: float
    cache: Path


def run(
    name: str,
    output: Path,
    cfg: Sections,
    *,
    cache: Path,
    source: Path | None = None,
    checkpoint: Path | None = None,
    head_model: Path | None = None,
    video: Path | None = None,
    method: str = "ours",
) -> dict[str, Any]:
    """Synthesise a target's held-out frames, or a video of the target driven by another person (--source).

    --video also writes a film: driving frame, conditional input and result side by side.
    """
    share_cores()
    from h2h.io.h5 import writing
    from h2h.models.background import clean_plate, composite

    other = source if source is not None and source != cache else None
    driving = _held_out(cache) if other is None else _other_person(cache, other, head_model, cfg)
    if cfg.network.landmarks:
        driving = replace(driving, nmfc=_sketches(cache, driving, cfg.image.size))
    if method == "nearest_frame":
        frames = _nearest(cache, driving, cfg)
    else:
        frames = _network(checkpoint, cache, driving, cfg, method)
    background = np.zeros((cfg.image.size, cfg.image.size, 3), np.uint8)
    if cfg.synthesize.background == "target":
        background = clean_plate(*_training_pictures(cache))
    with writing(output, WRITE_CHUNK) as writer:
        for t, (frame, mask) in enumerate(_progress(frames, len(driving.index), name)):
            writer.append(
                frames=frame,
                mask=mask,
                index=np.int32(driving.index[t]),
                nmfc=driving.nmfc[t],
                gaze=driving.gaze[t],
                composite=composite(frame, mask, background),
            )
        writer.file.attrs.update({"fps": driving.fps, "method": method, "name": name})
    transfer = "self" if other is None else cfg.synthesize.mode
    if video is not None:
        _write_video(video, output, driving, _record(name, cache, driving.cache, checkpoint, transfer))
    made_by = {} if checkpoint is None else {"network": f"{checkpoint.parent.name}/{checkpoint.stem}"}
    return {
        "method": method,
        **made_by,
        "target": cache.stem,
        "source": driving.cache.stem,
        "frames": len(driving.index),
        "fps": driving.fps,
        "transfer": transfer,
    }


def _held_out(cache: Path) -> Driving:
    """Self-reenactment: the person's own conditional images of the test split."""
    from h2h.io.h5 import reading

    with reading(cache) as file:
        first = int(file.attrs["train_frames"])
        index = np.arange(first, len(file["segment"]))
        return Driving(
            index,
            file["nmfc"][first:],
            file["gaze"][first:],
            file["segment"][first:],
            float(file.attrs["fps"]),
            cache,
        )


def _sketches(cache: Path, driving: Driving, size: int) -> np.ndarray:
    """The driving frames' drawn landmarks instead of NMFC images; another person's are fitted to the target's."""
    from h2h.io.h5 import reading
    from h2h.render.landmark_sketch import draw_landmarks, fit_to_target

    with reading(driving.cache) as file:
        points = file["landmarks"][:][driving.index].astype(np.float64)
    if driving.cache != cache:
        with reading(cache) as file:
            points = fit_to_target(points, file["landmarks"][: int(file.attrs["train_frames"])].astype(np.float64))
    return draw_landmarks(points, size)


def _network(
    checkpoint: Path | None, cache: Path, driving: Driving, cfg: Sections, method: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The network's frames and masks."""
    from h2h.errors import UserError
    from h2h.models.x2face import X2Face
    from h2h.training.device import pick_device, use_threads
    from h2h.training.precision import BF16, FP32
    from h2h.training.synthesis import synthesise
    from h2h.training.x2face_synthesis import drive

    if checkpoint is None:
        raise UserError(f"method {method} needs --checkpoint", "give the fine-tuned network of the target, or X2Face's")
    compute = cfg.compute if "compute" in cfg else load_params().compute
    use_threads(compute.threads)
    generator = _generator(checkpoint, cache, cfg, method)
    generator.to(pick_device())
    # float32 unless bf16 is asked for: a video is short, and its figures should not depend on the machine
    precision = BF16 if compute.precision == "bf16" else FP32
    if isinstance(generator, X2Face):
        return drive(generator, _few_shots(cache, cfg), _driving_frames(driving), precision)
    gaze = driving.gaze if cfg.network.gaze else None
    return synthesise(generator, driving.nmfc, gaze, driving.segment, precision)


def _generator(checkpoint: Path, cache: Path, cfg: Sections, method: str) -> Generator | X2Face:
    """The generator for the target: fine-tuned, or the multi-person network with the target's identity feature.

    X2Face is the same for all.
    """
    from h2h.io.checkpoint import read_description
    from h2h.training.clips import Person
    from h2h.training.restore import load_generator, load_networks
    from h2h.training.start import person_feature

    if method == "x2face":
        return load_networks(checkpoint, cfg.network, cfg.image.size, method)[0].generator.eval()
    if read_description(checkpoint)["embedding"] is None:
        return load_generator(checkpoint, cfg.network, cfg.image.size, method)[0]
    networks, _ = load_networks(checkpoint, cfg.network, cfg.image.size, method)
    assert networks.embedder is not None
    person = Person(cache, cfg.network.gaze)
    some = np.unique(np.linspace(person.first, person.last - 1, EMBEDDED_FRAMES).round().astype(int))
    networks.collapse(person_feature(networks.embedder, person, some.tolist()))
    person.close()
    return networks.generator.eval()


def _nearest(cache: Path, driving: Driving, cfg: Sections) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each driving frame the fine-tuning frame with the most similar NMFC image, and its mask."""
    from h2h.models.nearest_frame import nearest_frames

    frames, masks, nmfc = _few_shots(cache, cfg, "nmfc")
    for i in nearest_frames(driving.nmfc, nmfc):
        alpha = masks[i][..., None].astype(np.float32) / 255
        yield (frames[i] * alpha).round().astype(np.uint8), masks[i]


def _few_shots(cache: Path, cfg: Sections, *more: str) -> tuple[np.ndarray, ...]:
    """The frames that a network is fine-tuned on and their masks, uint8, and further datasets of the cache."""
    from h2h.io.h5 import reading
    from h2h.training.few_shot import few_shot_frames

    with reading(cache) as file:
        part = few_shot_frames(file, cfg.finetune, cfg.seed)
        return tuple(file[key][part] for key in ("frames", "mask", *more))


def _driving_frames(driving: Driving) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The true frames of whoever drives, and their masks."""
    from h2h.io.h5 import reading

    with reading(driving.cache) as file:
        for i in driving.index:
            yield file["frames"][i], file["mask"][i]


def _training_pictures(cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """Frames and masks spread over the target's training split."""
    from h2h.io.h5 import reading

    with reading(cache) as file:
        count = int(file.attrs["train_frames"])
        chosen = np.unique(np.linspace(0, count - 1, min(count, PLATE_FRAMES)).round().astype(int))
        return file["frames"][chosen], file["mask"][chosen]


def _progress(frames: Iterator[Any], total: int, name: str) -> Iterator[Any]:
    from tqdm import tqdm

    return tqdm(frames, total=total, desc=f"synthesize {name}", unit="frame", dynamic_ncols=True)


def _write_video(video: Path, output: Path, driving: Driving, record: Record) -> None:
    """Film, marked and signed: driving frame, conditional input, result."""
    from h2h.io.h5 import reading
    from h2h.io.synthetic_video import SyntheticVideo
    from h2h.io.video_writer import side_by_side

    with (
        reading(output) as made,
        reading(driving.cache) as driver,
        SyntheticVideo(video, driving.fps, record) as film,
    ):
        for t, (i, nmfc, gaze) in enumerate(zip(driving.index, driving.nmfc, driving.gaze, strict=True)):
            film.append(side_by_side(driver["frames"][int(i)], np.maximum(nmfc, gaze), made["composite"][t]))


def _record(name: str, cache: Path, source: Path, checkpoint: Path | None, mode: str) -> Record:
    """What the film says of itself: the people's clips by hash, where their folders are there, else their caches."""
    from h2h.io.cards import read_card
    from h2h.io.person_folder import clip_ingredients, identity_file
    from h2h.io.record import Ingredient, Record

    ingredients: tuple[Ingredient, ...] = ()
    for role, path in {"target": cache, "source": source}.items():
        if role == "target" or path != cache:
            clips = clip_ingredients(path.stem, role)
            ingredients += clips or (Ingredient(role, read_card(path)["sha256"], path.name),)
    said = identity_file(cache.stem)
    return Record(
        title=name,
        target=cache.stem,
        mode=mode,
        model=None if checkpoint is None else read_card(checkpoint)["sha256"],
        ingredients=ingredients,
        consent=said.consent,
        licence=said.licence,
    )


def _other_person(cache: Path, source: Path, head_model: Path | None, cfg: Sections) -> Driving:
    """Conditional images of the target's head with the source's motion (FS 3.2, Head2Head III.B)."""
    from h2h.errors import UserError
    from h2h.io.h5 import reading
    from h2h.render.conditioning import render_sequence
    from h2h.render.hybrid import transfer
    from h2h.tracking.head_model import load_head_model

    if head_model is None:
        raise UserError("another person drives the target: --head-model is needed", "give work/head_model's artifact")
    with reading(cache) as file:
        own = _parameters(file, int(file.attrs["train_frames"]))
    with reading(source) as file:
        count = min(len(file["segment"]), cfg.synthesize.max_frames)
        motion, segment, fps = _parameters(file, count), file["segment"][:count], float(file.attrs["fps"])
    chosen = cfg.synthesize
    mixed = transfer(motion, own, chosen.mode, chosen.scale, chosen.translation_sigmas, chosen.smooth_frames, segment)
    drawn = render_sequence(load_head_model(head_model), **vars(mixed), size=cfg.image.size, **vars(cfg.nmfc))
    return Driving(np.arange(count), drawn.nmfc, drawn.gaze, segment, fps, source)


def _parameters(file: h5py.File, count: int) -> Parameters:
    """Tracked parameters of the first `count` frames of a cache."""
    from h2h.render.hybrid import Parameters

    group = file["tracking"]
    moving = {key: group[key][:count] for key in ("expression", "scale", "rotation", "translation", "gaze")}
    return Parameters(identity=group["identity"][:], **moving)
