"""What is wrong with a folder of 4D scans, and where: one plain sentence a fault (docs/flow_data.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from h2h.config.base import check_name
from h2h.errors import UserError
from h2h.io.calibration import Calibration, read_calibration
from h2h.io.flo import read_flo
from h2h.io.mesh import Mesh, read_mesh
from h2h.io.scan_folder import Sequence, find_sequences, leads_out, read_image, subfolders
from h2h.stages.mesh_check import Fault, mesh_faults, repeated_fault, texture_faults, topology_faults

SLOW = 1  # s after which a progress bar appears
MOST_FOLDERS = 8  # named in a fault


def check_collection(folder: Path) -> Iterator[Fault]:
    """Read everything in a collection and yield its faults, sequence by sequence.

    Raises:
        UserError: there is no folder, no sequence in it, or it is not that of a collection but of a part of one.
    """
    layout = "lay it out as SUBJECT/SEQUENCE/scans, see docs/flow_data.md"
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder", "name the folder of a collection of 4D scans")
    _check_depth(folder)
    sequences = find_sequences(folder)
    for subject in subfolders(folder):
        if not leads_out(subject, folder) and not subfolders(subject):
            yield Fault(subject.name, "it holds no sequence", layout)
    if not sequences:
        raise UserError(f"{folder} holds no sequence", layout)
    yield from check_sequences(sequences)


def _check_depth(folder: Path) -> None:
    """Whether the folder is a subject's or a sequence's, where the scans lie too few levels below."""
    inside = [path for path in subfolders(folder) if not leads_out(path, folder)]
    whole = folder.resolve()
    if any(path.name == "scans" for path in inside):
        raise UserError(f"{folder} is a sequence, not a collection", f"name the folder two above: {whole.parents[1]}")
    if inside and all((path / "scans").is_dir() for path in inside):
        raise UserError(f"{folder} is a subject, not a collection", f"name the folder above: {whole.parent}")


def check_sequences(sequences: list[Sequence]) -> Iterator[Fault]:
    """The faults of some sequences, one after the other; on a terminal a progress bar says how far it is."""
    total = sum(len(sequence.files["scans"]) for sequence in sequences)
    with tqdm(total=total, desc="4D scans: check", unit="frame", leave=False, delay=SLOW, disable=None) as progress:
        for sequence in sequences:
            yield from check_sequence(sequence, progress)


def check_sequence(sequence: Sequence, progress: tqdm | None = None) -> Iterator[Fault]:
    """The faults of one sequence: names, links and counts first, then the calibration, then every frame.

    Args:
        sequence: what to check.
        progress: a bar that counts frames.
    """
    if sequence.outside:
        yield _outside(sequence)
        return  # what lies behind the links would seem to be missing
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
        what = f"it has no scans ({_folders(sequence)})"
        yield Fault(sequence.title, what, "put one OBJ or PLY file for each frame into scans/")
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
    yield from _frames(sequence, calibration, progress)


def _outside(sequence: Sequence) -> Fault:
    first = sequence.outside[0]
    shown = "it" if first.name in (sequence.subject, sequence.name) else f"{first.parent.name}/{first.name}"
    more = f", and {len(sequence.outside) - 1} more" if len(sequence.outside) > 1 else ""
    return Fault(
        sequence.title,
        f"{shown}{more} is a link that does not lead into the collection, and is not followed",
        "put the files themselves there",
    )


def _folders(sequence: Sequence) -> str:
    """What is there instead, for instance in other letters."""
    more = ", ..." if len(sequence.folders) > MOST_FOLDERS else ""
    return f"folders there: {', '.join(sequence.folders[:MOST_FOLDERS]) or 'none'}{more}"


def _counts(sequence: Sequence) -> Iterator[Fault]:
    scans = sequence.files["scans"]
    if not sequence.files["images"] and not sequence.files["textures"]:
        yield Fault(
            sequence.title,
            f"it has neither images nor textures ({_folders(sequence)})",
            "put the camera's picture of each frame into images/, or each scan's texture into textures/",
        )
    others = {part: files for part, files in sequence.files.items() if part != "scans"}
    for number in sorted({number for files in others.values() for number in files} - scans.keys()):
        lone = {part: files for part, files in others.items() if number in files}
        names = " and ".join(f"{part}/{files[number].name}" for part, files in lone.items())
        counts = ", ".join(f"{part} {len(files)}" for part, files in lone.items())
        yield Fault(
            f"{sequence.title}/{number:06d}",
            f"{names} {'have' if len(lone) > 1 else 'has'} no scan ({counts}, scans {len(scans)})",
            f"put the frame's scan into scans/ under the same number, or take {'them' if len(lone) > 1 else 'it'} away",
        )
    for part, files in others.items():
        if files and part != "true_background":
            for number in sorted(scans.keys() - files.keys()):
                yield Fault(
                    f"{sequence.title}/{number:06d}",
                    f"the frame is not in {part} ({part} {len(files)}, scans {len(scans)})",
                    f"put it there under the same number, or take scans/{scans[number].name} away",
                )


def _frames(sequence: Sequence, calibration: Calibration, progress: tqdm | None) -> Iterator[Fault]:
    files = sequence.files
    template: tuple[int, Mesh] | None = None
    before: dict[str, tuple[int, Mesh]] = {}
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
            if part in before:
                yield from repeated_fault(where, part, mesh, *before[part])
            before[part] = number, mesh
        followed = "registered" if files["registered"] else "scans"
        if followed in meshes:
            template = template or (number, meshes[followed])
            yield from topology_faults(where, followed, meshes[followed], *template)
        if number in files["textures"] and not files["images"] and "scans" in meshes:
            yield from texture_faults(where, meshes["scans"])
        yield from _pictures(where, sequence, number, calibration)
        if progress is not None:
            progress.update()


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
