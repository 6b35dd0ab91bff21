"""A whole driving video: where the face is, its landmarks, and the head model fitted to all frames at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from h2h.config.geometry import Tracking
from h2h.config.preprocessing import Frames
from h2h.errors import Rejected
from h2h.landmarks import boxes as bx
from h2h.landmarks.face_tracks import FaceFollower, choose_person, person_boxes
from h2h.landmarks.identity import descriptor
from h2h.landmarks.mediapipe_faces import MediaPipeFaces
from h2h.landmarks.mediapipe_mesh import FacePoints, MeshDetector
from h2h.render.hybrid import Parameters
from h2h.tracking.head_model import HeadModel
from h2h.tracking.settings import fit_as_set

LEAST_FRAMES = 5  # with a face; fewer say too little about it

Video = Callable[[], Iterable[np.ndarray]]  # gives the frames, (H, W, 3) uint8 RGB, from the beginning at every call
Progress = Callable[[str, Iterable[np.ndarray]], Iterable[np.ndarray]]  # what is being done, frames -> the frames


@dataclass(frozen=True)
class Tracked:
    """A video's motion.

    Attributes:
        parameters: of all T frames; where there is no face, interpolated between those around.
        seen: bool (T,), whether the face was found and the model fits it.
        segment: (T,) ints, the run between two cuts.
        crop: (3,), the square round the face that positions are fractions of: x, y, side in px.
    """

    parameters: Parameters
    seen: np.ndarray
    segment: np.ndarray
    crop: np.ndarray

    def first(self, count: int | None) -> Tracked:
        """The same of the first frames; of all for None."""
        p = self.parameters
        moving = (value[:count] for value in (p.expression, p.scale, p.rotation, p.translation, p.gaze))
        return Tracked(Parameters(p.identity, *moving), self.seen[:count], self.segment[:count], self.crop)


class Tracker:
    """Fits the head model to videos.

    Args:
        model: the head model.
        frames, tracking: these sections of the parameters.
    """

    def __init__(self, model: HeadModel, frames: Frames, tracking: Tracking):
        self.model, self._frames, self._tracking = model, frames, tracking

    def __call__(self, video: Video, fps: float, progress: Progress = lambda _, frames: frames) -> Tracked:
        """Track the person that a video is about (the largest, longest and steadiest face).

        Args:
            video: the frames; they are read twice.
            fps: their rate.
            progress: told what is being done.

        Raises:
            Rejected: there is no face in it, or in too few frames.
        """
        segment, seen, crop = self._find(progress("faces", video()), fps)
        points = _landmarks(progress("landmarks", video()), crop, seen, segment, self._frames.size)
        there = np.array([p is not None for p in points])
        if there.sum() < LEAST_FRAMES:
            raise Rejected(
                f"a face is seen in only {there.sum()} of {len(there)} frames",
                "take a video in which the face is larger, in the picture and turned to the camera",
            )
        some = next(p for p in points if p is not None)
        every = [some if p is None else p for p in points]
        fit = fit_as_set(
            self.model,
            self._tracking,
            np.stack([p.landmarks for p in every]),
            np.stack([p.iris for p in every]),
            there.astype(np.float32),
            segment,
            np.stack([p.dense[:468, :2] for p in every if p.dense is not None]),
        )
        if not fit.tracked.any():
            raise Rejected("the head model fits no frame", "take a video with a larger, unobstructed face")
        parameters = Parameters(fit.identity, fit.expression, fit.scale, fit.rotation, fit.translation, fit.gaze)
        return Tracked(parameters, fit.tracked, segment, crop)

    def _find(self, frames: Iterable[np.ndarray], fps: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Segments, frames with the person in the crop, and the crop."""
        settings = self._frames
        with MediaPipeFaces(settings.min_face) as faces:
            follower = FaceFollower(faces, descriptor, settings.detect_every, settings.cut_threshold)
            for frame in frames:
                follower.push(frame)
            follower.finish()
        count = len(follower.segments)
        if not follower.tracks:
            raise Rejected(
                f"there is no face in it ({count} frames)",
                f"take a video in which a face is seen, at least {settings.min_face} px wide and upright",
            )
        tracks, _ = choose_person(follower.tracks)
        boxes = person_boxes(tracks, count, max(1, round(settings.smooth_seconds * fps)))
        seen = np.isfinite(boxes[:, 0])
        crop = bx.fixed_crop(boxes[seen], settings.margin)
        seen[seen] = bx.inside(boxes[seen], crop)
        return np.array(follower.segments), seen, crop


def _landmarks(
    frames: Iterable[np.ndarray], crop: np.ndarray, seen: np.ndarray, segment: np.ndarray, size: int
) -> list[FacePoints | None]:
    """The points of every frame with the person."""
    found: list[FacePoints | None] = []
    with MeshDetector() as detector:
        for i, frame in zip(range(len(seen)), frames, strict=False):
            if not seen[i]:
                found.append(None)
                continue
            if i and (not seen[i - 1] or segment[i] != segment[i - 1]):
                detector.reset()
            found.append(detector(bx.cut_out(frame, crop, size)))
    return found
