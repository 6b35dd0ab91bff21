"""Small collections in the formats of the real ones, and videos whose frames tell their number and place."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, FPS = 640, 360, 25


def numbered(count: int, width: int = WIDTH, height: int = HEIGHT):
    """Red tells the frame's number, green x, blue y (both over the picture's side)."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    picture = np.stack([x, x, y], -1).astype(np.uint8)
    for i in range(count):
        picture[..., 0] = 2 * i
        yield picture


def video(path: Path, count: int = 100, fps: float = FPS, width: int = WIDTH, height: int = HEIGHT) -> Path:
    return encode(path, numbered(count, width, height), fps)


def encode(path: Path, pictures: Iterable[np.ndarray], fps: float = FPS) -> Path:
    """Quicker than the project's own writer, and with a key frame every half second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "crf": "12", "g": "12"}
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001), options=options)
        stream.pix_fmt = "yuv420p"
        for i, picture in enumerate(pictures):
            if i == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def voxceleb(folder: Path, person: str, name: str, clip: str, rows: list[tuple], offset: str = "-3") -> Path:
    """One list of VoxCeleb; `rows` are (frame, x, y, w, h)."""
    path = folder / person / name / f"{clip}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = [
        f"Identity  : \t{person}",
        f"Reference : \t{name}",
        f"Offset    : \t{offset}",
        "FV Conf   : \t18.324\t(1)",
        "ASD Conf  : \t4.917",
        "",
        "FRAME \tX \tY \tW \tH ",
    ]
    lines = ["{:06d} \t{} \t{} \t{} \t{}".format(*row) for row in rows]
    path.write_text("\n".join([*head, *lines]) + "\n")
    return path


def vox1(first: int, last: int, x: int = 250, y: int = 80, side: int = 90) -> list[tuple]:
    """A face that does not move, in pixels of a picture 360 px high."""
    return [(i, x, y, side, side) for i in range(first, last + 1)]


def vox2(first: int, last: int) -> list[tuple]:
    """The same face in fractions."""
    return [(i, 0.391, 0.222, 0.141, 0.25) for i in range(first, last + 1)]


def fomm(path: Path, rows: list[tuple]) -> Path:
    """`rows` are (video, start, end, bbox, person)."""
    lines = [f"{v},{s},{e},{b},25,1280,720,train,{p}" for v, s, e, b, p in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("video_id,start,end,bbox,fps,width,height,partition,person_id\n" + "\n".join(lines) + "\n")
    return path


def hdtf(folder: Path) -> Path:
    """Two parts; a person with two videos, a clip without a region, an end before its beginning."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "RD_video_url": "Radio34 https://www.youtube.com/watch?v=mhCYrKWOnEQ\nRadio15 https://www.youtube.com/watch?v=0EHNIWy8l3w&t=6s\n",
        "RD_annotion_time": "Radio34.mp4 00:00-00:01 00:02-00:03 00:01-00:02\nRadio15.mp4 00:35-00:45\n",
        "RD_crop_wh": "Radio34_0.mp4 200 80 20 80\nRadio34_1.mp4 210 80 20 80\n",
        "RD_resolution": "Radio34.mp4 180\nRadio15.mp4 720\n",
        "RD_crop_ratio": "Radio34_0.mp4 1.2\nRadio34_1.mp4 1.0\n",
        "WRA_video_url": "AdamKinzinger0 https://www.youtube.com/watch?v=aaaaaaaaaa0\n"
        "AdamKinzinger1 https://www.youtube.com/watch?v=-93rQjLe3Sw\n",
        "WRA_annotion_time": "AdamKinzinger0.mp4 00:01-00:03 \nAdamKinzinger1.mp4 00:03-00:01 00:00-00:01\n",
        "WRA_crop_wh": "AdamKinzinger0_0.mp4 412 300 0 300\nAdamKinzinger1_0.mp4 1 2 3 4\n"
        "AdamKinzinger1_1.mp4 9 300 0 300\n",
        "WRA_resolution": "AdamKinzinger0.mp4 720\nAdamKinzinger1.mp4 720\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder
