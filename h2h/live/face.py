"""The face's landmarks in a stream of whole frames, within a square window that follows the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.landmarks.boxes import cut_out, sides
from h2h.landmarks.mediapipe_mesh import FacePoints, MeshDetector

INPUT = 256  # px, side of the window as the detector sees it (frames.size of the pipeline)
ROOM = 2.2  # side of the window over the side of the face
NEAR = 0.04  # of the window's side: a face this near to its border gets another window
LARGER, SMALLER = 1.45, 0.6  # than when the window was chosen: likewise
CLOSER = 0.5  # while there is no face: windows of this part of the frame's shorter side


@dataclass(frozen=True)
class Found:
    """A face in a frame; coordinates in px of the frame.

    Attributes:
        landmarks: (68, 2).
        iris: (2, 5, 2), right and left: centre and rim.
        dense: (468, 2).
        again: it was not there in the frame before.
    """

    landmarks: np.ndarray
    iris: np.ndarray
    dense: np.ndarray
    again: bool

    @property
    def box(self) -> np.ndarray:
        """(4,) x0, y0, x1, y1 of the face."""
        return np.concatenate([self.dense.min(axis=0), self.dense.max(axis=0)]).astype(np.float64)


class FaceFinder:
    """Finds one face and stays with it.

    MediaPipe wants a square picture, and its own tracking a picture whose place in the frame does not change. So the
    window stays where it is until the face nearly leaves it; while there is none, windows take turns.
    """

    def __init__(self) -> None:
        self._detector = MeshDetector()
        self._detector.reset()
        self._window: np.ndarray | None = None  # x, y, side
        self._size = 0.0  # of the face when the window was chosen
        self._tried = 0
        self._there = False

    def close(self) -> None:
        """Free the detector."""
        self._detector.__exit__()

    def forget(self) -> None:
        """The next frame is another scene."""
        self._detector.reset()
        self._window, self._there = None, False

    def __call__(self, image: np.ndarray) -> Found | None:
        """Landmarks of a frame (H, W, 3) uint8 RGB, None without a face."""
        if self._window is None:
            windows = search_windows(*image.shape[:2])
            window = windows[self._tried % len(windows)]
            self._tried += 1
            points = self._detector(cut_out(image, window, INPUT))
            if points is None:
                self._there = False
                return None
            self._choose(_in_frame(points, window, True).box)
            self._tried = 0
        assert self._window is not None
        points = self._detector(cut_out(image, self._window, INPUT))
        if points is None:
            self._window, self._there = None, False
            return None
        found = _in_frame(points, self._window, not self._there)
        self._there = True
        if needs_window(found.box, self._window, self._size):
            self._choose(found.box)
        return found

    def _choose(self, box: np.ndarray) -> None:
        self._window, self._size = square_around(box), float(sides(box[None])[0])
        self._detector.reset()


def search_windows(height: int, width: int) -> list[np.ndarray]:
    """Where to look for a face: squares (x, y, side) over all of the frame, its middle, and closer."""
    short, long = min(height, width), max(height, width)
    middle = np.array([width, height]) / 2
    whole, centre = [np.array([*(middle - side / 2), side], float) for side in (long, short)]
    side = CLOSER * short
    places = [(x, y) for y in (height / 3, height / 2) for x in (width / 2, width / 4, 3 * width / 4)]
    closer = [np.array([x - side / 2, y - side / 2, side]) for x, y in places]
    return [whole, centre, *closer] if long > short else [whole, *closer]


def square_around(box: np.ndarray) -> np.ndarray:
    """The window (3,) x, y, side for a face's box (4,)."""
    side = ROOM * float(sides(box[None])[0])
    return np.array([*((box[:2] + box[2:] - side) / 2), side])


def needs_window(box: np.ndarray, window: np.ndarray, size: float) -> bool:
    """Whether a face's box has nearly left its window, or is of quite another size than when that was chosen."""
    slack = NEAR * window[2]
    inside = (box[:2] >= window[:2] + slack).all() and (box[2:] <= window[:2] + window[2] - slack).all()
    grown = float(sides(box[None])[0]) / size
    return not (inside and SMALLER < grown < LARGER)


def _in_frame(points: FacePoints, window: np.ndarray, again: bool) -> Found:
    # cut_out works with whole pixels
    x, y, side = np.round(window)
    assert points.dense is not None
    place = lambda fractions: np.asarray(fractions, np.float64) * side + (x, y)  # noqa: E731
    return Found(place(points.landmarks), place(points.iris), place(points.dense[:468, :2]), again)
