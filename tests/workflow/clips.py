"""Tiny clips with a real face: scikit-image's portrait, moved about, and variants of it as other people."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from skimage.data import astronaut

SIDE, FPS = 160, 20


def portrait(person: int) -> np.ndarray:
    """A person's picture, u8 (SIDE, SIDE, 3): the portrait in another colour, shape and orientation for each number."""
    picture = cv2.resize(astronaut()[0:240, 104:344], (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    if person % 2:
        picture = picture[:, ::-1]
    tint = 1 + 0.25 * np.cos(np.array([0.0, 2.1, 4.2]) + person)
    wide = 1 + 0.06 * np.sin(person)  # a wider or narrower face
    affine = np.array([[wide, 0, SIDE / 2 * (1 - wide)], [0, 1, 0]])
    picture = cv2.warpAffine(picture, affine, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT)
    return np.clip(picture * tint, 0, 255).astype(np.uint8)


def moving(person: int, frames: int) -> np.ndarray:
    """Frames (frames, SIDE, SIDE, 3) of the portrait turning and shifting a little."""
    picture, made = portrait(person), []
    for t in range(frames):
        phase = 2 * np.pi * t / 16 + person
        affine = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), 5 * np.sin(phase), 1 + 0.03 * np.cos(phase))
        affine[:, 2] += 3 * np.sin(phase), 2 * np.cos(phase)
        made.append(cv2.warpAffine(picture, affine, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT))
    return np.stack(made)


def write_clip(path: Path, frames: np.ndarray) -> None:
    """Write frames, u8 (T, H, W, 3), as an H.264 MP4 at 20 frames a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        container.mux(stream.encode())


def add_person(project: Path, name: str, person: int, frames: int = 24) -> Path:
    """Put a clip of a person into a project's `data/identities`; returns the clip."""
    path = project / "data" / "identities" / name / "clip.mp4"
    write_clip(path, moving(person, frames))
    return path


def add_faceless(project: Path, name: str, frames: int = 24) -> Path:
    """Put a clip without any face into a project's `data/identities`; returns the clip."""
    path = project / "data" / "identities" / name / "clip.mp4"
    noise = np.random.default_rng(0).integers(0, 255, (frames, SIDE // 8, SIDE // 8, 3), dtype=np.uint8)
    write_clip(path, noise.repeat(8, axis=1).repeat(8, axis=2))
    return path
