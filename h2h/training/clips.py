"""Random short clips from cache files: the training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import Tensor

from h2h.errors import UserError
from h2h.render.landmark_sketch import draw_landmarks
from h2h.training.augmentation import jitter
from h2h.training.window import runs

EYES, MOUTH = slice(36, 48), slice(48, 68)  # of the 68 iBUG points


@dataclass(frozen=True)
class Batch:
    """B clips of L consecutive frames.

    Attributes:
        frames: (B, L, 3, S, S) in [-1, 1], the person on black (-1).
        masks: (B, L, 1, S, S) in [0, 1], foreground alpha.
        conditions: (B, L, C, S, S) in [-1, 1], NMFC and, where asked for, gaze.
        flows: (B, L - 1, 2, S, S), px from each frame to the next.
        mouths: (B, L, 2), centres as fractions of the picture.
        faces: (B, L, 2, 2), middle of the eyes and middle of the mouth, fractions of the picture.
        person: (B,) int64.
    """

    frames: Tensor
    masks: Tensor
    conditions: Tensor
    flows: Tensor
    mouths: Tensor
    faces: Tensor
    person: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        return replace(self, **{k: v.to(device, non_blocking=True) for k, v in vars(self).items()})


def picture(array: np.ndarray) -> Tensor:
    """uint8 (..., S, S, 3) -> float32 (..., 3, S, S) in [-1, 1]."""
    return torch.from_numpy(array).movedim(-1, -3).float().div_(127.5).sub_(1)


def on_black(frames: np.ndarray, masks: np.ndarray) -> tuple[Tensor, Tensor]:
    """Remove the background: uint8 frames (..., S, S, 3) and masks (..., S, S) -> frame * alpha in [-1, 1], alpha."""
    alpha = torch.from_numpy(masks)[..., None, :, :].float().div_(255)
    colour = torch.from_numpy(frames).movedim(-1, -3).float()
    return colour.mul_(alpha).div_(127.5).sub_(1), alpha


def condition(nmfc: np.ndarray, gaze: np.ndarray | None) -> Tensor:
    """NMFC and gaze images, uint8 (..., S, S, 3) -> (..., 3 or 6, S, S) in [-1, 1]."""
    return picture(nmfc) if gaze is None else torch.cat((picture(nmfc), picture(gaze)), -3)


class Person:
    """One person's cache, open for reading.

    Args:
        path: the cache.
        gaze: read gaze images too.
        sketch: drawn landmarks instead of NMFC images.
        first: first frame that may be read.
        last: one after the last; by default the end of the training split.
        flow: artifact of the stage flow, where another flow than the cache's is wanted.

    Raises:
        UserError: the file is missing or damaged.
    """

    def __init__(
        self,
        path: Path,
        gaze: bool,
        first: int = 0,
        last: int | None = None,
        sketch: bool = False,
        flow: Path | None = None,
    ):
        self.file = _open(path)
        self._with_flow = self.file if flow is None else _open(flow)
        self.name = str(self.file.attrs["name"])
        self.first = first
        self.last = int(self.file.attrs["train_frames"]) if last is None else last
        self.gaze, self.sketch = gaze, sketch
        segment = self.file["segment"][self.first : self.last]
        tracked = self.file["tracked"][self.first : self.last].astype(bool)
        self.runs = [(a + self.first, b + self.first) for a, b in runs(segment, tracked)]

    @property
    def frames(self) -> int:
        """How many frames may be read."""
        return self.last - self.first

    @property
    def longest(self) -> int:
        """Frames of the longest run of consecutive, tracked frames."""
        return max((b - a for a, b in self.runs), default=0)

    def start(self, length: int, rng: np.random.Generator) -> int:
        """A uniformly drawn first frame of a clip that lies within one run."""
        choices = [max(b - a - length + 1, 0) for a, b in self.runs]
        drawn = int(rng.integers(sum(choices)))
        for (a, _), count in zip(self.runs, choices, strict=True):
            if drawn < count:
                return a + drawn
            drawn -= count
        raise AssertionError("unreachable")

    def clip(self, start: int, length: int) -> dict[str, Tensor]:
        """The fields of `Batch` for one clip, without the leading axis."""
        part = slice(start, start + length)
        frames, masks = on_black(self.file["frames"][part], self.file["mask"][part])
        flow = self._with_flow["flow"][start : start + length - 1].astype(np.float32)
        points = self.file["landmarks"][part].astype(np.float32)
        drawn = draw_landmarks(points, frames.shape[-1]) if self.sketch else self.file["nmfc"][part]
        faces = np.stack([points[:, EYES].mean(axis=1), points[:, MOUTH].mean(axis=1)], axis=1)
        return {
            "frames": frames,
            "masks": masks,
            "conditions": condition(drawn, self.file["gaze"][part] if self.gaze else None),
            "flows": torch.from_numpy(flow).movedim(-1, -3),
            "mouths": torch.from_numpy(self.file["mouth"][part].astype(np.float32)),
            "faces": torch.from_numpy(faces),
        }

    def pictures(self, indices: Sequence[int]) -> Tensor:
        """Frames on black, (len(indices), 3, S, S) in [-1, 1]."""
        found = [on_black(self.file["frames"][int(i)], self.file["mask"][int(i)])[0] for i in indices]
        return torch.stack(found)

    def close(self) -> None:
        """Close the files."""
        self.file.close()
        self._with_flow.close()


def _open(path: Path) -> h5py.File:
    try:
        return h5py.File(path, "r")
    except OSError as error:
        remedy = f"delete it and run snakemake stage_{path.parent.name}"
        raise UserError(f"{path} cannot be read: {error}", remedy) from error


def draw_batch(
    people: Sequence[Person],
    batch: int,
    length: int,
    rng: np.random.Generator,
    augment: float = 0.0,
    share: Sequence[int] | None = None,
) -> Batch:
    """Clips at random: first a person (all alike, however long their videos), then a place in the video.

    The people of a batch are different ones as long as there are enough.

    Args:
        people: who may be drawn, those with a run of `length` frames.
        batch: B.
        length: L.
        rng: all randomness.
        augment: see `jitter`.
        share: the places of the batch that are wanted, by default all; a clip does not depend on the others.
    """
    able = [i for i, person in enumerate(people) if person.longest >= length]
    order = [able[i] for _ in range(-(-batch // len(able))) for i in rng.permutation(len(able))][:batch]
    own, clips = rng.spawn(batch), []
    chosen = range(batch) if share is None else share
    for place in chosen:
        person, draws = people[order[place]], own[place]
        clip = person.clip(person.start(length, draws), length)
        clips.append(jitter(clip, augment, draws) if augment else clip)
    stacked = {key: torch.stack([clip[key] for clip in clips]) for key in clips[0]}
    return Batch(**stacked, person=torch.tensor([order[place] for place in chosen]))


def draw_pictures(
    people: Sequence[Person],
    who: Sequence[int],
    count: int,
    batch: int,
    rng: np.random.Generator,
    share: Sequence[int] | None = None,
) -> Tensor:
    """M random frames of each person for the embedder (FS eq. 4).

    Args:
        people: the training set.
        who: (B,) the people of the clips; of `share` only, where it is given.
        count: M.
        batch: clips in the whole batch.
        rng: all randomness.
        share: as in `draw_batch`.

    Returns:
        (B, M, 3, S, S) in [-1, 1].
    """
    own = rng.spawn(batch)
    places = range(batch) if share is None else share
    return torch.stack(
        [
            people[i].pictures(own[place].integers(people[i].first, people[i].last, count))
            for i, place in zip(who, places, strict=True)
        ]
    )
