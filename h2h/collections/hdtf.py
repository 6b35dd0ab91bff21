"""HDTF: text files for each of its parts (RD, WDA, WRA), one line a video or clip.

    RD_video_url.txt      Radio11 https://www.youtube.com/watch?v=XtySvTwIOfw
    RD_annotion_time.txt  Radio11.mp4 00:30-01:00 01:30-02:30       its clips, minutes and seconds
    RD_crop_wh.txt        Radio11_0.mp4 412 599 0 599               clip 0: x, width, y, height of the face's region
    RD_resolution.txt     Radio11.mp4 720                           height of the picture that this is measured in
    RD_crop_ratio.txt     (how much that region was enlarged; not needed)

Clips without a region were left out by the authors (hands, changing backgrounds) and are left out here. In WDA and WRA
a number at the end counts a person's videos (AdamKinzinger0, AdamKinzinger1); in RD it is a part of the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from h2h.collections.span import MEND, Collection, Entry, Span, around
from h2h.errors import Rejected

LOOKS_FOR = "HDTF: *_video_url.txt, *_annotion_time.txt, *_crop_wh.txt and *_resolution.txt in one folder"
KINDS = ("video_url", "annotion_time", "crop_wh", "resolution")
CONTEXT = 0.5  # the regions hold the head with a margin of a fifth
TITLE = "HDTF"
CREDIT = "Zhang, Li, Ding, Fan: HDTF (CVPR 2021)"
LICENCE = "CC BY 4.0 (HDTF); the videos belong to their owners on YouTube"


def parse(times: str, region: list[str], resolution: str) -> Span:
    """The span of a clip.

    Args:
        times: "MM:SS-MM:SS", hours before them where there are any.
        region: x, width, y, height, px.
        resolution: height of the picture, px.

    Raises:
        Rejected: something is no number, or makes no sense.
    """
    try:
        start, end = (_seconds(part) for part in times.split("-"))
        x, width, y, height = map(float, region)
        lines = float(resolution)
    except (ValueError, OverflowError):
        raise Rejected(f"its time {times!r}, region {region!r} or height {resolution!r} is unreadable", MEND) from None
    box = around(np.array([[x, y, x + width, y + height]]), CONTEXT)
    return Span(start, end, box, (None, lines))


def find(root: Path) -> Collection | None:
    """The collection in a folder, or in its folder HDTF_dataset; None if it is none."""
    for folder in (root, root / "HDTF_dataset"):
        parts = sorted(path.name.removesuffix("_video_url.txt") for path in folder.glob("*_video_url.txt"))
        parts = [part for part in parts if all((folder / f"{part}_{kind}.txt").is_file() for kind in KINDS)]
        if parts:
            return Collection(TITLE, CREDIT, LICENCE, partial(_people, folder, parts))
    return None


def _people(folder: Path, parts: list[str]) -> Iterator[tuple[str, list[Entry]]]:
    people: dict[str, list[Entry]] = {}
    for part in parts:
        for entry in _entries(part, *(_table(folder / f"{part}_{kind}.txt") for kind in KINDS)):
            people.setdefault(entry.person, []).append(entry)
    for person in sorted(people):
        yield person, people[person]


def _entries(part: str, urls: dict, times: dict, crops: dict, heights: dict) -> Iterator[Entry]:
    for video, url in urls.items():
        person = video if part == "RD" else re.sub(r"(?<=\D)\d{1,3}$", "", video)
        youtube = re.findall(r"[?&]v=([A-Za-z0-9_-]{11})(?:&|$)", " ".join(url))
        for number, when in enumerate(times.get(f"{video}.mp4", [])):
            region, height = crops.get(f"{video}_{number}.mp4"), heights.get(f"{video}.mp4")
            if region and height:
                read = partial(parse, when, region, height[0])
                whole, cut = (video, f"{part}_{video}", *youtube), (f"{video}_{number}", f"{part}_{video}_{number:03d}")
                yield Entry(person, video, str(number), whole, cut, read)


def _table(path: Path) -> dict[str, list[str]]:
    """First word of a line -> the others."""
    lines = (line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    return {words[0]: words[1:] for words in lines if words}


def _seconds(text: str) -> float:
    total = 0
    for part in text.split(":"):
        total = 60 * total + int(part)
    return float(total)
