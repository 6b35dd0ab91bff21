"""Follow faces through a video with few detections, and say which of them is the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from h2h.landmarks import boxes as bx

Detect = Callable[[list[np.ndarray]], list[np.ndarray]]
Describe = Callable[[np.ndarray, np.ndarray], np.ndarray]

SAME_PERSON = 0.6  # dlib's own threshold on the distance of descriptors
DESCRIBED = 3  # detections of a track whose descriptors are averaged


@dataclass
class Track:
    """One face followed through the frames of one segment.

    Attributes:
        segment: the run between two cuts that the track lies in.
        frames, boxes: the detections.
        descriptors: identity features of its first detections.
    """

    segment: int
    frames: list[int] = field(default_factory=list)
    boxes: list[np.ndarray] = field(default_factory=list)
    descriptors: list[np.ndarray] = field(default_factory=list)

    def score(self) -> float:
        """Large, long and steady beats small, short and jumpy: covered frames times area, over 1 + jitter."""
        boxes = np.stack(self.boxes)
        side = bx.sides(boxes)
        jitter = 0.0
        if len(boxes) > 1:
            centres = (boxes[:, :2] + boxes[:, 2:]) / 2
            jitter = float(np.median(np.linalg.norm(np.diff(centres, axis=0), axis=1)) / side.mean())
        return float((self.frames[-1] - self.frames[0] + 1) * side.mean() ** 2 / (1 + jitter))


class FaceFollower:
    """Takes a video's frames one by one; detects on keyframes, and on every frame between two keyframes
    that differ in the number of faces, so that a face's first and last frame are exact.

    Args:
        detect: pictures -> boxes of each, (n, 4).
        describe: picture, box -> identity feature.
        every: frames between two keyframes.
        cut_threshold: distance of colour histograms that makes a scene cut.
    """

    def __init__(self, detect: Detect, describe: Describe, every: int, cut_threshold: float):
        self._detect, self._describe, self._every, self._cut = detect, describe, every, cut_threshold
        self.segments: list[int] = []
        self.tracks: list[Track] = []
        self._stretch: list[tuple[int, np.ndarray]] = []  # frames since the last keyframe
        self._last_count = 0
        self._last_key = -1
        self._histogram: np.ndarray | None = None

    def push(self, image: np.ndarray) -> None:
        """Take the next frame, (H, W, 3) uint8 RGB."""
        number = len(self.segments)
        histogram = bx.histogram(image)
        cut = self._histogram is not None and bx.cut_distance(self._histogram, histogram) > self._cut
        self._histogram = histogram
        if cut:
            self.finish()
        self.segments.append((self.segments[-1] if self.segments else 0) + int(cut))
        self._stretch.append((number, image))
        if cut or number == 0 or number - self._last_key >= self._every:
            self.finish()

    def finish(self) -> None:
        """Close the current stretch with its last frame as keyframe (at a cut and at the end)."""
        if not self._stretch:
            return
        key, image = self._stretch[-1]
        found = self._detect([image])[0]
        between = self._stretch[:-1]
        new_segment = self._last_key < 0 or self.segments[self._last_key] != self.segments[key]
        if between and not new_segment and len(found) != self._last_count:
            for (number, picture), boxes in zip(between, self._detect([p for _, p in between]), strict=True):
                self._link(number, picture, boxes)
        self._link(key, image, found)
        self._last_key, self._last_count = key, len(found)
        self._stretch = []

    def _link(self, number: int, image: np.ndarray, boxes: np.ndarray) -> None:
        """Add detections to the tracks that they overlap; the others begin tracks of their own."""
        segment = self.segments[number]
        alive = [t for t in self.tracks if t.segment == segment and number - t.frames[-1] <= self._every]
        pairs = sorted(((bx.overlap(t.boxes[-1], b), i, j) for i, t in enumerate(alive) for j, b in enumerate(boxes)))
        owner: dict[int, Track] = {}
        taken: set[int] = set()
        for value, i, j in reversed(pairs):
            if value > 0.2 and i not in taken and j not in owner:
                owner[j] = alive[i]
                taken.add(i)
        for j, box in enumerate(boxes):
            track = owner.get(j)
            if track is None:
                track = Track(segment)
                self.tracks.append(track)
            track.frames.append(number)
            track.boxes.append(box)
            if len(track.descriptors) < DESCRIBED:
                track.descriptors.append(self._describe(image, box))


def choose_person(tracks: list[Track], reference: np.ndarray | None = None) -> tuple[list[Track], np.ndarray | None]:
    """The tracks of the one person that a video is about: the best track, and whatever looks like it elsewhere.

    Args:
        tracks: all face tracks of the video.
        reference: identity feature from the person's earlier clips; without it the best track decides.

    Returns:
        The tracks in time order, no two of them sharing a frame, and the identity feature.
    """
    chosen: list[Track] = []
    for track in sorted(tracks, key=lambda t: -t.score()):
        feature = np.mean(track.descriptors, axis=0)
        if reference is None:
            reference = feature
        apart = all(t.frames[-1] < track.frames[0] or track.frames[-1] < t.frames[0] for t in chosen)
        if apart and np.linalg.norm(feature - reference) < SAME_PERSON:
            chosen.append(track)
    return sorted(chosen, key=lambda t: t.frames[0]), reference


def person_boxes(tracks: list[Track], length: int, window: int) -> np.ndarray:
    """Smoothed box of the person in every frame, NaN where the person is not.

    Args:
        tracks: the person's tracks.
        length: frames of the video.
        window: running median, frames.

    Returns:
        (length, 4) float64.
    """
    boxes = np.full((length, 4), np.nan)
    for track in tracks:
        dense = bx.interpolate(track.frames, np.stack(track.boxes))
        boxes[track.frames[0] : track.frames[-1] + 1] = bx.smooth(dense, window)
    return boxes
