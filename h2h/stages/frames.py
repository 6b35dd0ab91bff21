"""Stage frames: decode a person's clips as streams, find the face, crop, resample, leave out what is unusable."""

from __future__ import annotations

import json
import logging
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.config.preprocessing import Frames
from h2h.errors import Rejected
from h2h.io.h5 import Writer, writing
from h2h.io.video import find_clips, sampled_frames
from h2h.landmarks import boxes as bx
from h2h.stages.clip_plan import ClipPlan, at_one_rate

log = logging.getLogger("h2h")
SLOWEST = 1.0  # frames a second of a video that can be meant


def run(name: str, output: Path, cfg: Sections, *, videos: Path) -> dict[str, Any]:
    """Decode a person's videos, find the face, crop and resample.

    `videos` is the person's folder: video files, sub-folders of frames, or frames directly in it.
    """
    from h2h.landmarks.detector import FaceDetector

    settings: Frames = cfg.frames
    detector = FaceDetector(settings.detect_width, settings.min_face, settings.min_confidence)
    plans: list[ClipPlan] = []
    reference, budget = None, settings.max_frames
    for clip in find_clips(videos):
        plan, reference = _first_pass(name, clip, settings, detector, budget, reference)
        plans.append(plan)
        budget -= int(plan.usable.sum())
        if budget <= 0:
            break
    fps = _common_rate(plans, settings)
    plans = at_one_rate(plans, fps)
    if not all(plan.taken.all() for plan in plans):
        log.warning("%s: the clips have several rates; all are sampled at the slowest one's, %.3g a second", name, fps)
    _refuse(plans, settings)
    with writing(output) as writer:
        _second_pass(name, plans, settings, writer)
        writer.flush()
        return _describe(writer, plans, round(fps, 3))


def _first_pass(
    name: str, clip: Path, settings: Frames, detector: Any, budget: int, reference: np.ndarray | None
) -> tuple[ClipPlan, np.ndarray | None]:
    """Where the person is in a clip. Stops when `budget` usable frames are surely there."""
    from h2h.landmarks.face_tracks import FaceFollower, choose_person, person_boxes
    from h2h.landmarks.identity import descriptor

    follower = FaceFollower(detector, descriptor, settings.detect_every, settings.cut_threshold)
    times: list[float] = []
    spare = int(1.3 * budget) + settings.detect_every  # some frames will be left out
    with tqdm(desc=f"{name}: faces in {clip.name}", unit="frame", leave=False) as progress:
        for frame in sampled_frames(clip, settings.fps):
            times.append(frame.time)
            follower.push(frame.image)
            shape = frame.image.shape[1::-1]
            progress.update()
            if len(times) >= spare:
                break
        follower.finish()
    tracks, reference = choose_person(follower.tracks, reference)
    rate = len(times) / max(times[-1] - times[0], 1e-6) if len(times) > 1 else settings.fps
    boxes = person_boxes(tracks, len(times), max(1, round(settings.smooth_seconds * rate)))
    seen = np.isfinite(boxes[:, 0])
    if np.count_nonzero(seen) > budget:
        end = int(np.flatnonzero(seen)[budget - 1]) + 1
        times, boxes, seen = times[:end], boxes[:end], seen[:end]
    reasons = ["" if s else "no face of this person" for s in seen]
    crop = np.full(3, np.nan)
    if seen.any():
        crop = bx.fixed_crop(boxes[seen], settings.margin)
        fits = np.zeros(len(seen), bool)
        fits[seen] = bx.inside(boxes[seen], crop)
        for i in np.flatnonzero(seen & ~fits):
            reasons[i] = "the face leaves the crop"
        seen = fits
    segments = np.array(follower.segments[: len(times)])
    everything = np.ones(len(times), bool)
    return ClipPlan(clip, np.array(times), segments, seen, reasons, crop, shape, everything), reference


def _common_rate(plans: list[ClipPlan], settings: Frames) -> float:
    """The rate of the slowest clip, at most `frames.fps`."""
    for plan in plans:
        if plan.rate is not None and plan.rate < SLOWEST:
            raise Rejected(
                f"{plan.path.name} has {plan.rate:.2g} frames a second by its time stamps",
                "encode it again with the rate that it was filmed with (ffmpeg -r 25 -i ...)",
            )
    return min([settings.fps, *(plan.rate for plan in plans if plan.rate is not None)])


def _refuse(plans: list[ClipPlan], settings: Frames) -> None:
    """Reject the person when too little is usable, naming the clip and the seconds."""
    sampled = sum(len(plan.times) for plan in plans)
    usable = sum(int(plan.usable.sum()) for plan in plans)
    if usable == 0:
        names = ", ".join(plan.path.name for plan in plans)
        raise Rejected(
            f"no face in {names} ({sampled} frames, {plans[0].times[-1]:.1f} s)",
            "give a video in which the person's face is seen, at least "
            f"{settings.min_face} px wide (frames.min_face) and upright",
        )
    if sampled - usable > settings.max_missing * sampled:
        raise Rejected(
            f"the face is missing in {sampled - usable} of {sampled} frames: {_gaps(plans)}",
            "cut these parts away, or raise frames.max_missing to leave them out",
        )
    if usable < settings.min_frames:
        raise Rejected(
            f"only {usable} usable frames in {', '.join(plan.path.name for plan in plans)}",
            f"give at least {settings.min_frames} (frames.min_frames), for a target better 150 or more",
        )


def _gaps(plans: list[ClipPlan]) -> str:
    """The stretches without the person, as 'clip.mp4 from 1.2 s to 3.4 s'."""
    texts = []
    for plan in plans:
        edges = np.flatnonzero(np.diff(np.concatenate([[True], plan.usable, [True]]).astype(int)))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            texts.append(f"{plan.path.name} from {plan.times[start]:.1f} s to {plan.times[end - 1]:.1f} s")
    return "; ".join(texts[:4]) + (" and more" if len(texts) > 4 else "")


def _second_pass(name: str, plans: list[ClipPlan], settings: Frames, writer: Writer) -> None:
    """Crop and store the usable frames; a cut, a gap or a new clip begins a new segment."""
    segment = -1
    total = sum(int(plan.usable.sum()) for plan in plans)
    with tqdm(total=total, desc=f"{name}: crops", unit="frame", leave=False) as progress:
        for number, plan in enumerate(plans):
            before = None
            frames = compress(sampled_frames(plan.path, settings.fps), plan.taken)
            for i, frame in zip(range(len(plan.times)), frames, strict=False):
                if not plan.usable[i]:
                    continue
                if before is None or before != i - 1 or plan.segments[before] != plan.segments[i]:
                    segment += 1
                before = i
                writer.append(
                    frames=bx.cut_out(frame.image, plan.crop, settings.size),
                    time=frame.time,
                    clip=np.int32(number),
                    source_frame=np.int64(frame.index),
                    segment=np.int32(segment),
                )
                progress.update()


def _describe(writer: Writer, plans: list[ClipPlan], fps: float) -> dict[str, Any]:
    """Write what belongs to the whole file and return the card's summary."""
    file = writer.file
    left_out = [
        (number, i, reason) for number, plan in enumerate(plans) for i, reason in enumerate(plan.reasons) if reason
    ]
    file["crop"] = np.stack([plan.crop for plan in plans])
    file["picture"] = np.stack([bx.picture_in_crop(plan.crop, plan.shape) for plan in plans])
    text = np.dtype([("clip", "i4"), ("frame", "i8"), ("reason", "S40")])
    file["left_out"] = np.array([(c, f, r.encode()) for c, f, r in left_out], dtype=text)
    file.attrs["fps"] = fps
    file.attrs["clips"] = json.dumps([plan.path.name for plan in plans])
    count = len(file["frames"])
    log.info("%d frames at %.2f a second, %d left out", count, fps, len(left_out))
    return {
        "frames": count,
        "fps": fps,
        "clips": [plan.path.name for plan in plans],
        "segments": int(file["segment"][-1]) + 1,
        "left_out": len(left_out),
        "crop_px": [round(float(plan.crop[2]), 1) for plan in plans],
    }
