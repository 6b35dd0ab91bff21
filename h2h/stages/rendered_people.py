"""Rendered people as videos: identities for the multi-person initialisation that exist nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from h2h.flow_data.stand_in import draw_camera, draw_subject, render_sequence
from h2h.io.atomic import replacing, write_text
from h2h.io.video_writer import write_video
from h2h.tracking.head_model import HeadModel

FPS = 20
SUPERSAMPLE = 2
QUALITY = 12  # x264's; nearly lossless
IDENTITY = """\
role: source    # joins a training where an experiment's `company` names it, and no other
source: rendered by h2h from the open head model
licence: CC0-1.0
credit: nobody
consent: nobody is shown; this person does not exist
"""


def name_of(index: int) -> str:
    """What a rendered person is called: rendered-01, rendered-02, ..."""
    return f"rendered-{index + 1:02d}"


def write_people(folder: Path, model: HeadModel, count: int, frames: int, size: int, seed: int) -> list[str]:
    """Render people before drawn backgrounds, a folder with a video and an `identity.yaml` each.

    A person who is there already is kept: a video depends on the seed, its person's number, length and size only.

    Args:
        folder: of the identities.
        model: head model.
        count: people.
        frames: of each video.
        size: side of the pictures, px.
        seed: everything follows from it; more people do not change the others.

    Returns:
        Their names.
    """
    names = [name_of(index) for index in range(count)]
    for index, name in enumerate(tqdm(names, desc="rendered people", unit="person", leave=False)):
        clip = folder / name / "clip.mp4"
        if not clip.exists():
            pictures = tqdm(
                _pictures(model, frames, size, np.random.default_rng([seed, index])),
                desc=name,
                total=frames,
                unit="frame",
                leave=False,
            )
            with replacing(clip) as temporary:
                write_video(temporary, pictures, FPS, QUALITY)
        write_text(folder / name / "identity.yaml", IDENTITY)
    return names


def _pictures(model: HeadModel, frames: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    subject = draw_subject(model, rng)
    camera, place = draw_camera(model, size, rng)
    for frame in render_sequence(model, subject, camera, place, [], frames, size, SUPERSAMPLE, rng):
        yield frame.image
