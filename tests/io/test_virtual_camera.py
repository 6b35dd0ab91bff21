"""What a virtual camera shows; the device itself is a driver of the system, which is not here."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.virtual_camera import SIDE, VirtualCamera
from h2h.watermark.read import Evidence


class Device:
    """Takes pictures like `pyvirtualcam.Camera`."""

    device = "/dev/video9"

    def __init__(self, width: int, height: int, fps: float):
        self.shape, self.shown, self.closed = (height, width, 3), [], False

    def send(self, picture: np.ndarray) -> None:
        assert picture.shape == self.shape and picture.dtype == np.uint8
        self.shown.append(picture)

    def close(self) -> None:
        self.closed = True


def test_its_pictures_are_marked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", SimpleNamespace(Camera=Device))
    rng = np.random.default_rng(0)
    with VirtualCamera(20, 0xC0FFEE) as camera:
        device = camera._device
        for _ in range(3):
            camera.send(rng.integers(0, 256, (128, 128, 3), np.uint8))
        camera.send(np.full((128, 128, 4), (200, 100, 50, 128), np.uint8))
    assert device.closed and camera.name == "/dev/video9"
    evidence = Evidence()
    for picture in device.shown[:3]:
        evidence.add(picture[..., :3].mean(2).round().astype(np.uint8))
    mark = evidence.read()
    assert mark is not None and mark.number == 0xC0FFEE
    assert device.shown[3].shape == (SIDE, SIDE, 3)
    assert np.abs(device.shown[3].reshape(-1, 3).mean(0) - (100, 50, 25)).max() < 1  # on black


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(UserError, match="not installed") as error:
        VirtualCamera(20, 1)
    assert "pip install pyvirtualcam" in error.value.remedy
