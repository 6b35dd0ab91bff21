"""The list that the first-order motion model was trained with (vox-metadata.csv of its video-preprocessing scripts).

    video_id,start,end,bbox,fps,width,height,partition,person_id
    WMh3ye5tBsE,3657,3994,624-48-1018-553,25,1280,720,train,id10005

`start` and `end` are frames at `fps`; `bbox` is left-top-right-bottom in a picture of `width` x `height` px and holds
the head through the whole clip. Lists without `person_id` write VIDEO#PERSON as `video_id`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from h2h.collections.span import MEND, Collection, Entry, Span, around
from h2h.errors import Rejected, UserError

LOOKS_FOR = "first-order motion model: a .csv with the columns video_id, start, end, bbox, fps, width, height"
COLUMNS = {"video_id", "start", "end", "bbox", "fps", "width", "height"}
CONTEXT = 0.5  # the boxes have a margin of a tenth already
TITLE = "VoxCeleb as the first-order motion model uses it (vox-metadata.csv)"
CREDIT = "Nagrani, Chung, Zisserman: VoxCeleb (Interspeech 2017); Siarohin et al. (NeurIPS 2019)"
LICENCE = "annotations: CC BY 4.0 (VoxCeleb); the videos belong to their owners on YouTube"


def parse_row(row: dict[str, str]) -> Span:
    """The span of a line of the list.

    Raises:
        Rejected: a value is no number, or the span or the box makes no sense.
    """
    try:
        start, end, fps = (float(row[key]) for key in ("start", "end", "fps"))
        box = np.array([[int(value) for value in row["bbox"].split("-")]], np.float64)
        width, height = float(row["width"]), float(row["height"])
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise Rejected(f"its line is not START,END,L-T-R-B,FPS,WIDTH,HEIGHT: {str(row)[:200]!r}", MEND) from None
    if box.shape != (1, 4) or not fps > 0:
        raise Rejected(f"its box {row['bbox']!r} or its rate {row['fps']!r} makes no sense", MEND)
    return Span(start / fps, end / fps, around(box, CONTEXT), (width, height))


def find(root: Path) -> Collection | None:
    """The collection in a .csv file, or in a folder with one; None if it is none."""
    for path in [root] if root.is_file() else sorted(root.glob("*.csv")):
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            if set(next(csv.reader([file.readline(10_000)]), [])) >= COLUMNS:
                return Collection(TITLE, CREDIT, LICENCE, partial(_people, path))
    return None


def _people(path: Path) -> Iterator[tuple[str, list[Entry]]]:
    people: dict[str, list[Entry]] = {}
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        try:
            for row in csv.DictReader(file):
                video, _, behind = (row["video_id"] or "").partition("#")
                person = row.get("person_id") or behind
                if not person:
                    raise UserError(
                        f"{path.name} names nobody in {video!r}", "a list of faces has the column person_id"
                    )
                clip = f"{row['start'] or '':0>6}-{row['end'] or '':0>6}"
                entry = Entry(person, video, clip, (video,), (), partial(parse_row, row))
                people.setdefault(person, []).append(entry)
        except csv.Error as error:
            raise UserError(f"{path.name} is no readable list: {error}", "download it again") from error
    for person in sorted(people):
        yield person, people[person]
