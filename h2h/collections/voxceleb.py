"""VoxCeleb1 and VoxCeleb2: PERSON/VIDEO/00001.txt, a face box for every frame of a clip at 25 frames a second.

    Identity  : 	id10001
    Reference : 	1zcIwhmdeo4          the YouTube video
    Offset    : 	-3                   of the sound, in frames
    FV Conf   : 	18.3	(1)          face verification
    ASD Conf  : 	4.9                  active speaker detection

    FRAME 	X 	Y 	W 	H
    000430 	294 	81 	206 	206

VoxCeleb1 gives pixels of a picture 360 px high, VoxCeleb2 fractions of the picture's width and height (as the
pre-processing scripts of the first-order motion model read them).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from h2h.collections.span import FARTHEST, FRACTIONS, MEND, Collection, Entry, Span, around
from h2h.errors import Rejected

LOOKS_FOR = "VoxCeleb: folders PERSON/VIDEO/00001.txt, whose text begins with `Identity`"
RATE = 25.0
PIXELS = (None, 360.0)
CONTEXT = 1.0  # face boxes are tight; the frames stage wants up to 1.64 times its own
LARGEST = 4_000_000  # bytes of one list: hours of frames
LICENCE = "annotations: CC BY 4.0; the videos belong to their owners on YouTube"
TITLES = {
    PIXELS: ("VoxCeleb1", "Nagrani, Chung, Zisserman: VoxCeleb (Interspeech 2017)"),
    FRACTIONS: ("VoxCeleb2", "Chung, Nagrani, Zisserman: VoxCeleb2 (Interspeech 2018)"),
}


def parse(text: str) -> Span:
    """One clip's list.

    Raises:
        Rejected: a line is not a frame and a box, frames do not follow each other, or the span makes no sense.
    """
    lines = text.splitlines()
    head = next((i for i, line in enumerate(lines) if line.split()[:5] == ["FRAME", "X", "Y", "W", "H"]), None)
    rows = [] if head is None else [(n, line.split()) for n, line in enumerate(lines, 1) if n > head + 1]
    frames, boxes = [], []
    for number, fields in rows:
        if not fields:
            continue
        try:
            frame, x, y, w, h = int(fields[0]), *map(float, fields[1:])
        except ValueError:
            raise Rejected(f"line {number} is not FRAME X Y W H", MEND) from None
        if (frames and frame <= frames[-1]) or not (0 < w < FARTHEST and 0 < h < FARTHEST and abs(x + y) < FARTHEST):
            raise Rejected(f"line {number} has a frame out of order or a box that makes no sense", MEND)
        frames.append(frame)
        boxes.append((x, y, x + w, y + h))
    if not frames:
        raise Rejected("it lists no frames", MEND)
    corners = np.array(boxes)
    fractions = (corners[:, 2:] - corners[:, :2]).max() <= 1.5
    box = around(corners, CONTEXT)
    # a number too large for a float is no time either
    start, end = (frame / RATE if frame < 1e12 else np.inf for frame in (frames[0], frames[-1] + 1))
    return Span(start, end, box, FRACTIONS if fractions else PIXELS)


def find(root: Path) -> Collection | None:
    """The collection in a folder, if it is one."""
    for folder, files in _clip_folders(root):
        try:
            span = _read(folder / files[0])
        except Rejected:
            continue
        title, credit = TITLES[span.reference]
        return Collection(title, credit, LICENCE, partial(_people, root))
    return None


def _people(root: Path) -> Iterator[tuple[str, list[Entry]]]:
    for person, folders in groupby(_clip_folders(root), key=lambda found: found[0].parent):
        yield person.name, [_entry(folder, file) for folder, files in folders for file in files]


def _entry(folder: Path, file: str) -> Entry:
    person, video, clip = folder.parent.name, folder.name, Path(file).stem
    return Entry(person, video, clip, (video,), (f"{person}/{video}/{clip}",), partial(_read, folder / file))


def _read(path: Path) -> Span:
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST or not text.startswith("Identity"):
        raise Rejected(f"{path.name} is no list of VoxCeleb", MEND)
    return parse(text)


def _clip_folders(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """Folders with numbered text files, a person's one after the other, and those files."""
    for folder, inner, files in os.walk(root.absolute()):
        inner.sort()
        lists = sorted(name for name in files if name.endswith(".txt") and name[:-4].isdecimal())
        if lists:
            yield Path(folder), lists
