"""What is wrong with a mesh of a collection of 4D scans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from h2h.config.base import escaped_line
from h2h.io.calibration import Calibration
from h2h.io.mesh import Mesh
from h2h.render.pinhole import rasterise_pinhole
from h2h.stages.scan_pairs import camera_of

PROBED = 256  # px, of the picture in which it is looked whether a scan faces the camera
FAR = 100  # pictures' sides that a vertex may lie out of the picture
REPEATS = 8  # times that a texture may be repeated to either side
NAMES = {"scans": "the scan", "registered": "the registered mesh"}
AWAY = 0.5  # of the pixels that show a scan from inside: more, and its triangles are turned round


@dataclass(frozen=True)
class Fault:
    """Something that a user must mend.

    Attributes:
        where: SUBJECT/SEQUENCE or SUBJECT/SEQUENCE/FRAME.
        what: what is wrong.
        remedy: what to do.

    As a text it is one line without control characters, whatever the files' names.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return escaped_line(f"{self.where}: {self.what}; {self.remedy}")


def mesh_faults(where: str, part: str, mesh: Mesh, calibration: Calibration) -> Iterator[Fault]:
    """The faults of one mesh: its numbers, and how it lies before the camera.

    Args:
        where: SUBJECT/SEQUENCE/FRAME.
        part: "scans" or "registered".
        mesh: as it was read.
        calibration: of the sequence's camera.
    """
    name = NAMES[part]
    if not len(mesh.triangles):
        yield Fault(where, f"{name} has no faces", "export it as a surface, not as points")
        return
    bad = ~np.isfinite(mesh.vertices).all(axis=1)
    if bad.any():
        yield Fault(
            where,
            f"{bad.sum()} of the {len(bad)} vertices of {name} are not finite, the first is vertex {bad.argmax()}",
            "leave them out, with their faces, in all frames of the same topology",
        )
        return
    with np.errstate(all="ignore"):  # absurd calibrations are what is looked for
        yield from _lie_faults(where, name, mesh, calibration)


def _lie_faults(where: str, name: str, mesh: Mesh, calibration: Calibration) -> Iterator[Fault]:
    camera, used = camera_of(calibration), np.unique(mesh.triangles)
    places = camera.project(mesh.vertices[used])
    behind = ~(places[:, 2] > 0)
    if behind.any():
        axes = "check rotation and translation: they lead from the scans' axes to the camera's, z forwards"
        yield _stray_vertices(where, name, used, behind, "behind the camera", axes)
        return
    size = np.array([calibration.width, calibration.height])
    if not ((places[:, :2] >= 0) & (places[:, :2] < size)).all(axis=1).any():
        yield Fault(where, f"{name} projects outside of the picture", "check the calibration, and the scans' unit")
        return
    far = ~(np.abs(places[:, :2] - size / 2) <= FAR * size.max()).all(axis=1)
    if far.any():
        yield _stray_vertices(where, name, used, far, "far out of the picture", "check the calibration")
        return
    factor = PROBED / size.max()
    height, width = np.maximum(np.rint(size[::-1] * factor).astype(int), 1)
    views = [
        rasterise_pinhole(mesh.vertices, mesh.triangles[:, order], camera.cropped(0, 0, factor), height, width).depth
        for order in ([0, 1, 2], [0, 2, 1])
    ]
    seen = np.isfinite(np.minimum(*views))
    if not seen.any():
        yield Fault(
            where,
            f"{name} covers no pixel of a picture of {width} x {height} pixels",
            "check the calibration's focal lengths and translation, and the scans' unit",
        )
    elif (views[1] < views[0])[seen].mean() > AWAY:
        yield Fault(
            where,
            f"the camera sees {name} mostly from inside",
            "turn the faces round: counter-clockwise as seen from outside",
        )


def _stray_vertices(where: str, name: str, used: np.ndarray, stray: np.ndarray, place: str, remedy: str) -> Fault:
    """Some vertices are where they cannot be; if they are few, they and not the calibration are to blame."""
    if not stray.all():
        remedy = f"leave them out, with their faces, in all frames of the same topology; or {remedy}"
    count, first = stray.sum(), used[stray.argmax()]
    return Fault(
        where, f"{count} of the {len(used)} vertices of {name} lie {place}, the first is vertex {first}", remedy
    )


def texture_faults(where: str, mesh: Mesh) -> Iterator[Fault]:
    """The faults of a scan's texture coordinates, where its picture is to be made with them."""
    if mesh.texture is None:
        what = "the scan has no texture coordinates, or not at every corner of every face"
        yield Fault(where, what, "export them with it, or give images/")
        return
    bad = ~(np.abs(mesh.texture - 0.5) <= REPEATS + 0.5).all(axis=(1, 2))
    if bad.any():
        first = int(bad.argmax())
        yield Fault(
            where,
            f"the texture coordinates of {bad.sum()} of the {len(bad)} triangles are not finite or far from 0 to 1, "
            f"the first are {mesh.texture[first].tolist()} of triangle {first}",
            "export them as shares of the texture's width and height",
        )


def repeated_fault(where: str, part: str, mesh: Mesh, number: int, before: Mesh) -> Iterator[Fault]:
    """Whether a mesh is that of the frame before, `before` of the frame `number`: no camera sees the same twice."""
    if np.array_equal(mesh.vertices, before.vertices) and np.array_equal(mesh.triangles, before.triangles):
        yield Fault(
            where,
            f"{NAMES[part]} is the same as that of frame {number:06d}, to the last digit",
            "put the frame's own there, or take the frame away",
        )


def topology_faults(where: str, part: str, mesh: Mesh, first: int, template: Mesh) -> Iterator[Fault]:
    """Whether a mesh has the vertices and triangles of the sequence's first one, `template` of the frame `first`."""
    same = len(mesh.vertices) == len(template.vertices) and np.array_equal(mesh.triangles, template.triangles)
    if same:
        return
    counts = (
        f"{len(mesh.vertices)} vertices and {len(mesh.triangles)} triangles, frame {first:06d} has "
        f"{len(template.vertices)} and {len(template.triangles)}"
    )
    if mesh.triangles.shape == template.triangles.shape and len(mesh.vertices) == len(template.vertices):
        other = int((mesh.triangles != template.triangles).any(axis=1).argmax())
        counts = (
            f"its triangle {other} joins the vertices {mesh.triangles[other].tolist()}, that of frame {first:06d} "
            f"{template.triangles[other].tolist()}"
        )
    if part == "scans":
        yield Fault(
            where,
            f"the scan's topology is its own ({counts})",
            "nothing says then where its points go: put a template that was registered to each scan into registered/",
        )
    else:
        yield Fault(
            where, f"the registered mesh has another topology ({counts})", "register one template to all frames"
        )
