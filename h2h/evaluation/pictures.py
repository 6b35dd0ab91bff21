"""Pictures for the report: labelled grids of frames, error heat maps."""

from __future__ import annotations

from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

_FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def grid(rows: dict[str, list[np.ndarray]], side: int = 160, label_width: int = 150) -> np.ndarray:
    """Rows of square pictures with a label at the left of each row.

    Args:
        rows: label -> pictures, (S, S, 3) or (S, S) uint8.
        side: pixels of a cell.
        label_width: pixels of the label's column; without one, no labels are drawn.

    Returns:
        (rows * side, label_width + columns * side, 3) uint8, white behind the labels.
    """
    columns = max(len(images) for images in rows.values())
    canvas = np.full((len(rows) * side, label_width + columns * side, 3), 255, np.uint8)
    for r, images in enumerate(rows.values()):
        for c, image in enumerate(images):
            cell = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
            method = cv2.INTER_AREA if cell.shape[0] > side else cv2.INTER_CUBIC
            x = label_width + c * side
            canvas[r * side : (r + 1) * side, x : x + side] = cv2.resize(cell, (side, side), interpolation=method)
    if not label_width:
        return canvas
    picture = Image.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(_FONT), 15)
    for r, label in enumerate(rows):
        draw.text((8, r * side + side // 2), label, fill=(30, 30, 30), font=font, anchor="lm")
    return np.asarray(picture)


def heat(errors: np.ndarray, top: float = 100.0) -> np.ndarray:
    """Error map as colours: dark is none, bright is `top` or more. (H, W) -> (H, W, 3) uint8."""
    colours = matplotlib.colormaps["inferno"](np.clip(errors.astype(np.float32) / top, 0, 1))
    return (colours[..., :3] * 255).astype(np.uint8)


def on_black(frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Foreground on black. (S, S, 3) and (S, S) uint8 -> (S, S, 3) uint8."""
    return np.round(frame * (mask[..., None] / 255.0)).astype(np.uint8)


def evenly(count: int, wanted: int) -> list[int]:
    """`wanted` indices spread over `count` things, first and last among them (fewer when there are fewer)."""
    return sorted({round(x) for x in np.linspace(0, count - 1, min(wanted, count))})


def to_png(image: np.ndarray) -> bytes:
    """(H, W, 3) uint8 RGB -> PNG bytes."""
    return cv2.imencode(".png", image[..., ::-1])[1].tobytes()


def to_jpeg(image: np.ndarray, quality: int = 88) -> bytes:
    """(H, W, 3) uint8 RGB -> JPEG bytes."""
    return cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def jpeg_of_png(png: bytes, quality: int = 85) -> bytes:
    """PNG bytes -> JPEG bytes of the same picture."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
