"""Record a camera for some seconds, so that it can drive somebody like any other video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from tqdm import tqdm

from h2h.io.camera import camera_frames

RATE = 1000  # ticks a second of the recording's time stamps


def record(name: str, seconds: float, output: Path) -> None:
    """Record a camera with the times at which its frames came.

    Args:
        name: of the camera, as in `camera_frames`.
        seconds: how long.
        output: an .mkv file.

    Raises:
        UserError: there is no such camera, or it gives no picture.
    """
    frames = camera_frames(name)
    with (
        av.open(str(output), "w", format="matroska") as container,
        tqdm(total=round(seconds, 1), desc=f"camera {name}", unit="s", leave=False) as progress,
    ):
        stream = container.add_stream("libx264", rate=30, options={"crf": "14", "preset": "veryfast"})
        stream.pix_fmt = "yuv420p"
        for shot in frames:
            if shot.time >= seconds:
                break
            frame = av.VideoFrame.from_ndarray(shot.image, format="rgb24")
            if not stream.codec_context.is_open:
                stream.width, stream.height = frame.width // 2 * 2, frame.height // 2 * 2
            frame.pts, frame.time_base = round(shot.time * RATE), Fraction(1, RATE)
            container.mux(stream.encode(frame))
            progress.update(round(shot.time - progress.n, 1))
        container.mux(stream.encode())
