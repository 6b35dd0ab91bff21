"""What is wrong with a mesh of a collection of 4D scans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from h2h.io.calibration import Calibration
from h2h.io.mesh import Mesh
from h2h.render.pinhole import rasterise_pinhole
from h2h.stages.scan_pairs import camera_of

PROBED = 256  # px, of the picture in which it is looked whether a scan faces the camera
AWAY = 0.5  # of the pixels that show a scan from inside: more, and its triangles are turned round


@dataclass(frozen=True)
class Fault:
    """Something that a user must mend.

    Attributes:
        where: SUBJECT/SEQUENCE or SUBJECT/SEQUENCE/FRAME.
        what: what is wrong.
        remedy: what to do.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


def mesh_faults(where: str, part: str, mesh: Mesh, calibration: Calibration) -> Iterator[Fault]:
    """The faults of one mesh: its numbers, and how it lies before the camera.

    Args:
        where: SUBJECT/SEQUENCE/FRAME.
        part: "scans" or "registered".
        mesh: as it was read.
        calibration: of the sequence's camera.
    """
    name = {"scans": "the scan", "registered": "the registered mesh"}[part]
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
    camera = camera_of(calibration)
    places = camera.project(mesh.vertices[np.unique(mesh.triangles)])
    behind = np.isnan(places[:, 0])
    if behind.any():
        yield Fault(
            where,
            f"{behind.mean():.0%} of {name} lie behind the camera",
            "check rotation and translation: they lead from the scans' axes to the camera's, z forwards",
        )
        return
    size = np.array([calibration.width, calibration.height])
    if not ((places[:, :2] >= 0) & (places[:, :2] < size)).all(axis=1).any():
        yield Fault(where, f"{name} projects outside of the picture", "check the calibration, and the scans' unit")
        return
    factor = PROBED / size.max()
    height, width = np.maximum(np.rint(size[::-1] * factor).astype(int), 1)
    views = [
        rasterise_pinhole(mesh.vertices, mesh.triangles[:, order], camera.cropped(0, 0, factor), height, width).depth
        for order in ([0, 1, 2], [0, 2, 1])
    ]
    seen = np.isfinite(np.minimum(*views))
    if (views[1] < views[0])[seen].mean() > AWAY:
        yield Fault(
            where,
            f"the camera sees {name} mostly from inside",
            "turn the faces round: counter-clockwise as seen from outside",
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
