"""Shows pictures as a camera that other programs can choose, where the system has such a device."""

from __future__ import annotations

from types import TracebackType

import cv2
import numpy as np

from h2h.errors import UserError
from h2h.watermark.embed import Marker

SIDE = 512  # px: programs expect a camera to have about so many


class VirtualCamera:
    """A virtual camera; use it in a `with` statement.

    Args:
        fps: what other programs are told; pictures go out when they come.
        number: what the watermark in every picture says, see `Record.number`.

    Raises:
        UserError: pyvirtualcam is not installed, or the system has no such device.
    """

    def __init__(self, fps: float, number: int):
        try:
            import pyvirtualcam
        except ImportError:
            raise UserError(
                "pyvirtualcam is not installed", "`.venv/bin/pip install pyvirtualcam`, or leave --virtual-camera out"
            ) from None
        try:
            self._device = pyvirtualcam.Camera(SIDE, SIDE, fps)
        except RuntimeError as error:
            raise UserError(
                f"there is no virtual camera: {error}",
                "on Linux load v4l2loopback, elsewhere install OBS, or leave --virtual-camera out",
            ) from error
        self.name = self._device.device
        self._marker = Marker(number, SIDE, SIDE)

    def __enter__(self) -> VirtualCamera:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._device.close()

    def send(self, picture: np.ndarray) -> None:
        """Show a picture, (S, S, 3) uint8; of one with alpha (S, S, 4) the colours, on black."""
        if picture.shape[2] == 4:
            alpha = picture[..., 3:].astype(np.float32) / 255
            picture = (picture[..., :3] * alpha).round().astype(np.uint8)
        self._device.send(self._marker.mark(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)))
