"""The clips of a user study: equally long, equally encoded stretches of real and of synthesised films."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from h2h.io.cards import is_rejected, read_card, sha256
from h2h.io.h5 import reading
from h2h.io.person_folder import clip_ingredients, identity_file
from h2h.io.record import Ingredient, Record
from h2h.study.plan import Shown
from h2h.study.tables import SELF
from h2h.study.windows import windows


@dataclass(frozen=True)
class Film:
    """A synthesised film that a study can show.

    Attributes:
        path: artifact of the stage synthesize.
        target: who is seen.
        source: who drives.
        method: the experiment.
        transfer: self, head, face or expression.
        background: target or black.
    """

    path: Path
    target: str
    source: str
    method: str
    transfer: str
    background: str

    @property
    def motion(self) -> tuple[str, str, str]:
        """Films that are alike in this show the same person doing the same."""
        return self.target, self.source, self.transfer

    def cache(self, person: str) -> Path:
        """A person's cache in the same folder of artifacts."""
        return self.path.parents[1] / "cache" / f"{person}.h5"


def films(work: Path, background: str) -> list[Film]:
    """All finished films of a folder of artifacts, sorted.

    Args:
        work: the folder.
        background: what stands behind the people, as in `synthesize.background`.
    """
    found = []
    for card in sorted((work / "synthesize").glob("*.json")):
        path = card.with_suffix(".h5")
        if card.name.startswith((".", "_")) or card.stem.count(".") != 2 or not path.exists() or is_rejected(path):
            continue
        method, target, source = card.stem.split(".")
        transfer = read_card(path)["summary"]["transfer"]
        found.append(Film(path, target, source, method, transfer, background))
    return found


class Clips:
    """Writes clips into a folder, each named by its hash, and remembers what they are.

    Args:
        folder: must exist.
        seconds: length of a clip.
    """

    def __init__(self, folder: Path, seconds: float):
        self.folder, self.seconds = folder, seconds
        self.hashes: dict[str, str] = {}
        self.key: dict[str, Shown] = {}

    def starts(self, film: Film, count: int) -> tuple[list[int], int]:
        """First frames of a film's clips, at most `count`, and their length; none if the film is too short."""
        with reading(film.path) as made, reading(film.cache(film.source)) as driving:
            index = made["index"][:]
            length = self._length(float(made.attrs["fps"]))
            segment = driving["segment"][:][index].astype(np.int64)
        jumps = np.concatenate([[0], np.cumsum(np.diff(index) != 1)])
        return windows(np.cumsum(np.diff(segment, prepend=segment[:1]) != 0) + jumps, length, count), length

    def synthesised(self, film: Film, first: int, length: int, baseline: bool = False) -> str:
        """A stretch of a film, marked and signed as every synthesised video."""
        from h2h.io.synthetic_video import SyntheticVideo

        with reading(film.path) as made, tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            path = Path(scratch) / "clip.mp4"
            with SyntheticVideo(path, float(made.attrs["fps"]), _record(film)) as writer:
                for picture in _blocks(made["composite"], first, length):
                    writer.append(picture)
            shown = {"person": film.target, "source": film.source, "method": film.method, "transfer": film.transfer}
            return self._keep(path, film.path, first, length, **shown, baseline=baseline)

    def real(self, film: Film, person: str, first: int, length: int) -> str:
        """A stretch of a person's true frames, before a background of the same kind as the film's."""
        from h2h.evaluation.pictures import on_black
        from h2h.io.video_writer import write_video

        path = film.cache(person)
        with reading(path) as cache, tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            pictures: Iterable[np.ndarray] = _blocks(cache["frames"], first, length)
            if film.background == "black":
                masks = _blocks(cache["mask"], first, length)
                pictures = (on_black(picture, mask) for picture, mask in zip(pictures, masks, strict=True))
            clip = Path(scratch) / "clip.mp4"
            write_video(clip, pictures, float(cache.attrs["fps"]))
            return self._keep(clip, path, first, length, person=person)

    def driving(self, film: Film, first: int, length: int) -> str:
        """The true frames of whoever drives a stretch of a film."""
        with reading(film.path) as made:
            start = int(made["index"][first])
        return self.real(film, film.source, start, length)

    def others(self, shown: list[Film], count: int) -> list[str]:
        """Real clips of the films' person, if possible of other moments than the self-reenacted ones."""
        film = shown[0]
        with reading(film.cache(film.target)) as cache:
            segment = cache["segment"][:].astype(np.int64)
            length = self._length(float(cache.attrs["fps"]))
        free = segment.copy()
        for one in (one for one in shown if one.transfer == SELF):
            with reading(one.path) as made:
                free[made["index"][:]] = -1
        starts = windows(free, length, count) or windows(segment, length, count)
        return [self.real(film, film.target, first, length) for first in starts]

    def _length(self, fps: float) -> int:
        return max(1, round(self.seconds * fps))

    def _keep(self, clip: Path, artifact: Path, first: int, length: int, **shown: Any) -> str:
        found = sha256(clip)
        name = found[:16]
        clip.replace(self.folder / f"{name}.mp4")
        self.hashes[name] = found
        made = f"{artifact.parent.name}/{artifact.name}"
        self.key[name] = Shown(artifact=made, first=first, frames=length, **shown)
        return name


def _blocks(dataset: Any, first: int, length: int) -> Iterable[np.ndarray]:
    """Frames one by one, read in blocks."""
    for start in range(first, first + length, 8):
        yield from dataset[start : min(start + 8, first + length)]


def _record(film: Film) -> Record:
    """What the clip says of itself: the film that it was cut from, and whatever the film was made from."""
    said, card = identity_file(film.target), read_card(film.path)
    people = {"target": film.target} | ({"source": film.source} if film.source != film.target else {})
    clips = [one for role, name in people.items() for one in clip_ingredients(name, role)]
    network = film.path.parents[1] / f"{card['summary'].get('network', '')}.json"
    return Record(
        title=film.path.stem,
        target=film.target,
        mode=film.transfer,
        model=read_card(network).get("sha256") if network.is_file() else None,
        ingredients=(Ingredient("synthesised frames", card["sha256"], film.path.name), *clips),
        consent=said.consent,
        licence=said.licence,
    )
