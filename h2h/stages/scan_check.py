"""What is wrong with a folder of 4D scans, and where: one plain sentence a fault (docs/flow_data.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from h2h.config.base import check_name
from h2h.errors import UserError
from h2h.io.calibration import Calibration, read_calibration
from h2h.io.flo import read_flo
from h2h.io.mesh import Mesh, read_mesh
from h2h.io.scan_folder import Sequence, find_sequences, read_image, subfolders
from h2h.stages.mesh_check import Fault, mesh_faults, topology_faults


def check_collection(folder: Path) -> Iterator[Fault]:
    """Read everything in a collection and yield its faults, sequence by sequence.

    Raises:
        UserError: there is no folder, or no sequence in it.
    """
    layout = "lay it out as SUBJECT/SEQUENCE/scans, see docs/flow_data.md"
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder", "name the folder of a collection of 4D scans")
    sequences = find_sequences(folder)
    for subject in subfolders(folder):
        if not subfolders(subject):
            yield Fault(subject.name, "it holds no sequence", layout)
    if not sequences:
        raise UserError(f"{folder} holds no sequence", layout)
    for sequence in sequences:
        yield from check_sequence(sequence)


def check_sequence(sequence: Sequence) -> Iterator[Fault]:
    """The faults of one sequence: names and counts first, then the calibration, then every frame."""
    for name in (sequence.subject, sequence.name):
        try:
            check_name(name)
        except ValueError as error:
            yield Fault(sequence.title, str(error), "rename the folder")
    for path in sequence.strange:
        yield Fault(
            sequence.title,
            f"{path.parent.name}/{path.name} is no frame's number, or the second file of one",
            "name files by number, such as 000012, each once",
        )
    if not sequence.files["scans"]:
        yield Fault(sequence.title, "it has no scans", "put one OBJ or PLY file for each frame into scans/")
        return
    yield from _counts(sequence)
    if not sequence.pairs():
        yield Fault(sequence.title, "no two frames follow one another", "a flow needs two: number them one by one")
    if sequence.calibration is None:
        yield Fault(
            sequence.title,
            "there is no calibration.json for it",
            "put the camera's into the folder of the sequence, of the subject or of the collection",
        )
        return
    try:
        calibration = read_calibration(sequence.calibration)
    except UserError as error:
        yield Fault(sequence.title, error.what, error.remedy)
        return
    yield from _frames(sequence, calibration)


def _counts(sequence: Sequence) -> Iterator[Fault]:
    scans = sequence.files["scans"]
    if not sequence.files["images"] and not sequence.files["textures"]:
        yield Fault(
            sequence.title,
            "it has neither images nor textures",
            "put the camera's picture of each frame into images/, or each scan's texture into textures/",
        )
    for part in ("images", "textures", "registered", "true_background"):
        files = sequence.files[part]
        for number in sorted(files.keys() - scans.keys()):
            yield Fault(
                f"{sequence.title}/{number:06d}",
                f"{part}/{files[number].name} has no scan ({part} {len(files)}, scans {len(scans)})",
                "put the frame's scan into scans/ under the same number, or take the file away",
            )
        if files and part != "true_background":
            for number in sorted(scans.keys() - files.keys()):
                yield Fault(
                    f"{sequence.title}/{number:06d}",
                    f"the frame is not in {part} ({part} {len(files)}, scans {len(scans)})",
                    f"put it there under the same number, or take scans/{scans[number].name} away",
                )


def _frames(sequence: Sequence, calibration: Calibration) -> Iterator[Fault]:
    files = sequence.files
    topologies: dict[str, tuple[int, Mesh]] = {}
    for number in sorted(files["scans"]):
        where = f"{sequence.title}/{number:06d}"
        meshes: dict[str, Mesh] = {}
        for part in ("scans", "registered"):
            if number in files[part]:
                try:
                    meshes[part] = read_mesh(files[part][number])
                except UserError as error:
                    yield Fault(where, error.what, error.remedy)
        for part, mesh in meshes.items():
            yield from mesh_faults(where, part, mesh, calibration)
        followed = "registered" if files["registered"] else "scans"
        if followed in meshes:
            first, template = topologies.setdefault(followed, (number, meshes[followed]))
            yield from topology_faults(where, followed, meshes[followed], first, template)
        textured = number in files["textures"] and not files["images"]
        if textured and "scans" in meshes and meshes["scans"].texture is None:
            yield Fault(where, "the scan has no texture coordinates", "export them with it, or give images/")
        yield from _pictures(where, sequence, number, calibration)


def _pictures(where: str, sequence: Sequence, number: int, calibration: Calibration) -> Iterator[Fault]:
    size = (calibration.width, calibration.height)
    for part, wanted in (("images", size), ("textures", None)):
        if number in sequence.files[part]:
            try:
                read_image(sequence.files[part][number], wanted)
            except UserError as error:
                yield Fault(where, error.what, error.remedy)
    if number in sequence.files["true_background"]:
        path = sequence.files["true_background"][number]
        try:
            height, width = read_flo(path).shape[:2]
            if (width, height) != size:
                yield Fault(where, f"{path} is {width} x {height}, the pictures are not", "write it again")
        except UserError as error:
            yield Fault(where, error.what, error.remedy)
