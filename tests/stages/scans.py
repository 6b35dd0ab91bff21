"""A small collection of 4D scans to break: a ball on which a map of points is painted moves before a camera."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from h2h.io.calibration import Calibration
from h2h.io.mesh import Mesh
from h2h.io.ply import format_ply
from h2h.io.scan_folder import ScanFrame, write_sequence
from h2h.render.pinhole import Pinhole, rasterise_pinhole
from h2h.render.textured import textured_picture

SIZE = 48
CALIBRATION = Calibration(
    SIZE, SIZE, np.array([[70.0, 0, 23.5], [0, 70, 23.5], [0, 0, 1]]), np.eye(3), np.array([0.0, 0, 300]), np.zeros(5)
)
STEP = 12.0  # mm to the right from frame to frame


def ball(radius=60.0, rings=10, around=16):
    """A ball with texture coordinates."""
    polar, azimuth = np.meshgrid(
        np.linspace(0.05, np.pi - 0.05, rings), np.linspace(0, 2 * np.pi, around), indexing="ij"
    )
    points = np.stack([np.sin(polar) * np.cos(azimuth), np.cos(polar), np.sin(polar) * np.sin(azimuth)], axis=-1)
    index = np.arange(rings * around).reshape(rings, around)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    triangles = np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))]).astype(np.int32)
    places = np.stack([azimuth / (2 * np.pi), 1 - polar / np.pi], axis=-1).reshape(-1, 2)
    return Mesh((radius * points).reshape(-1, 3).astype(np.float32), triangles, places[triangles].astype(np.float32))


def texture():
    coarse = np.random.default_rng(0).integers(30, 226, (10, 20, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((160, 80), Image.Resampling.BICUBIC))


def moved(mesh, frame):
    return replace(mesh, vertices=mesh.vertices + np.array([STEP * frame, 0, 0], np.float32))


def write_ball(folder: Path, frames: int = 3, calibration: Calibration = CALIBRATION, background: int = 90) -> None:
    """A sequence with camera images, true background flow (none) and scans in one topology."""
    matrix = calibration.intrinsics + np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
    camera = Pinhole(matrix, calibration.rotation, calibration.translation)
    found = []
    for i in range(frames):
        mesh = moved(ball(), i)
        raster = rasterise_pinhole(mesh.vertices, mesh.triangles, camera, calibration.height, calibration.width)
        image = textured_picture(raster, mesh.texture, texture())
        image[raster.triangle < 0] = background
        behind = np.zeros((calibration.height, calibration.width, 2)) if i + 1 < frames else None
        found.append(ScanFrame(image, mesh, behind))
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_sequence(folder, calibration, found)


def rewrite_mesh(path: Path, mesh: Mesh) -> None:
    path.write_bytes(format_ply(mesh))


def change_calibration(path: Path, **values) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
