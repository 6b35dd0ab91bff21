"""Which frames train and which are held out."""

from __future__ import annotations

from h2h.errors import Rejected


def train_frames(total: int, role: str, test_frames: int, short_clip_fraction: float, min_train_frames: int) -> int:
    """Number of leading frames that train; the rest, at the end, are held out.

    FS holds out the last 100 frames. People who only take part in the initialisation and whose clip is too short
    for that hold out a last part instead (Head2Head: the last third).

    Args:
        total: frames of the person.
        role: "target", "train" or "source" (a source is only read, the split is then the same as for train).
        test_frames, short_clip_fraction, min_train_frames: the section `cache` of the parameters.

    Raises:
        Rejected: a target has too few frames.
    """
    if total >= test_frames + min_train_frames:
        return total - test_frames
    if role == "target":
        raise Rejected(
            f"{total} usable frames are too few for a target: {test_frames} are held out for the test and at least "
            f"{min_train_frames} train",
            f"give {test_frames + min_train_frames} frames or more, set role: train or source in identity.yaml, "
            "or lower cache.test_frames",
        )
    return max(1, total - round(total * short_clip_fraction))
