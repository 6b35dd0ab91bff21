"""A target's own full frames, to paste a synthesised face back into them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from h2h.errors import UserError
from h2h.io.frame_store import FrameStore
from h2h.io.h5 import attributes, reading
from h2h.io.video import find_clips, sampled_frames


@dataclass(frozen=True)
class OwnFrames:
    """Frames of the target's video.

    Attributes:
        pictures: full frames (H, W, 3) uint8, by row of the stage frames' artifact.
        crops: (T, 3), the square of each row, px of the full frame.
    """

    pictures: FrameStore
    crops: np.ndarray


@contextmanager
def own_frames(artifact: Path, videos: Path, rows: Iterable[int]) -> Iterator[OwnFrames]:
    """Read the full frames that rows of the stage frames' artifact were cut out of.

    Args:
        artifact: of the stage frames.
        videos: the person's folder.
        rows: which ones.

    Raises:
        UserError: the videos are not those that the artifact was made from.
    """
    with reading(artifact) as file:
        clip, index, time = file["clip"][:], file["source_frame"][:], file["time"][:]
        crop, fps, names = file["crop"][:], float(file.attrs["fps"]), json.loads(attributes(file)["clips"])
    clips = {path.name: path for path in find_clips(videos)}
    wanted = {(int(clip[row]), int(index[row])): int(row) for row in rows}
    with FrameStore() as store:
        for number in sorted({key[0] for key in wanted}):
            name = names[number]
            if name not in clips:
                raise UserError(f"{videos} no longer holds {name}", "put it back, or leave out --paste")
            last = max(key[1] for key in wanted if key[0] == number)
            rate = 1000.0 if clips[name].is_file() else fps  # every frame of a video; pictures are numbered anyway
            for frame in sampled_frames(clips[name], rate):
                if (number, frame.index) in wanted:
                    store.add(wanted[number, frame.index], frame.image)
                if frame.index >= last:
                    break
        lacking = [row for row in wanted.values() if row not in store]
        if lacking:
            row = lacking[0]
            raise UserError(
                f"{names[int(clip[row])]} has no frame at {time[row]:.1f} s any more", "put the old video back"
            )
        yield OwnFrames(store, crop[clip])
