"""Which of the user's files holds a video: by its name, as collections and download tools name them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from h2h.collections.span import Entry
from h2h.errors import UserError
from h2h.io.video import VIDEO_SUFFIXES

# yt-dlp calls a file `TITLE [ID].mp4`, its predecessors `TITLE-ID.mp4`
_YOUTUBE = (re.compile(r"\[([A-Za-z0-9_-]{11})\]$"), re.compile(r"-([A-Za-z0-9_-]{11})$"))


@dataclass(frozen=True)
class Found:
    """A file for a clip: of the whole video, or (`cut`) of this clip alone."""

    path: Path
    cut: bool


class Videos:
    """The videos in a folder, sub-folders included.

    Names from a collection are only looked up, never joined to a path.

    Raises:
        UserError: the folder is missing or holds no video.
    """

    def __init__(self, folder: Path):
        self._by_name: dict[str, Path] = {}
        for place, inner, files in os.walk(folder):
            inner.sort()
            for name in sorted(files):
                if Path(name).suffix.lower() in VIDEO_SUFFIXES and not name.startswith("."):
                    path = Path(place, name)
                    for key in _names(path.relative_to(folder)):
                        self._by_name.setdefault(key, path)
        if not self._by_name:
            raise UserError(f"there is no video in {folder}", "name the folder with the collection's videos: --videos")

    def of(self, entry: Entry) -> Found | None:
        """The file for a clip, the clip's own before the whole video's."""
        for names, cut in ((entry.cut, True), (entry.whole, False)):
            for name in names:
                if name in self._by_name:
                    return Found(self._by_name[name], cut)
        return None


def _names(path: Path) -> list[str]:
    parts = path.with_suffix("").parts
    ids = [match[1] for pattern in _YOUTUBE if (match := pattern.search(parts[-1]))]
    return ["/".join(parts[-depth:]) for depth in (1, 2, 3) if depth <= len(parts)] + ids
