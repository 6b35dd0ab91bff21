"""Import a head model: read its file, find its landmarks, complete it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from h2h.errors import MissingAsset, UserError
from h2h.head_models.bfm import read_bfm2009, read_bfm_h5
from h2h.head_models.completion import complete, outward
from h2h.head_models.eos import read_surrey
from h2h.head_models.flame import read_flame
from h2h.head_models.ict import read_ict
from h2h.head_models.lsfm import read_lsfm
from h2h.head_models.morphable_mesh import REMEDY, MorphableMesh, checked
from h2h.tracking.head_model import HeadModel

PUBLISHED_AXES = np.array([1, -1, -1], np.float32)  # all of them: y up, z towards the viewer
FLAT = 1e-3  # depth of the landmarks over their width
MOST_SHOWN = 200  # characters of a library's error
ENOUGH = 40  # landmarks; with fewer the detector looks


@dataclass(frozen=True)
class Format:
    """A published model.

    Attributes:
        read: its reader.
        file: the file's usual name.
        source: where to ask for it.
    """

    read: Callable[[Path], MorphableMesh]
    file: str
    source: str


FORMATS = {
    "lsfm": Format(read_lsfm, "all_all_all.mat", "ibug.doc.ic.ac.uk/resources/lsfm"),
    "bfm2009": Format(read_bfm2009, "01_MorphableModel.mat", "faces.dmi.unibas.ch"),
    "bfm2017": Format(read_bfm_h5, "model2017-1_bfm_nomouth.h5", "faces.dmi.unibas.ch"),
    "bfm2019": Format(read_bfm_h5, "model2019_bfm.h5", "faces.dmi.unibas.ch"),
    "flame": Format(read_flame, "generic_model.pkl", "flame.is.tue.mpg.de"),
    "ict": Format(read_ict, "FaceXModel", "github.com/USC-ICT/ICT-FaceKit"),
    "surrey": Format(read_surrey, "sfm_shape_3448.bin", "github.com/patrikhuber/eos (share/)"),
}


def read_published(source: str, path: Path) -> MorphableMesh:
    """Read a published model's file, as if it came from a stranger.

    Args:
        source: a key of `FORMATS`.
        path: its file or folder.

    Raises:
        MissingAsset: the file is not there.
        UserError: it is damaged or does not fit together.
    """
    chosen = FORMATS[source]
    if not path.exists():
        raise MissingAsset(chosen.file, chosen.source, f"{path} (head_model.path)", "head_model.source: anny")
    try:
        return checked(chosen.read(path), path.name)
    except UserError:
        raise
    except Exception as error:  # the readers' libraries raise many kinds for damaged files
        said = str(error)[:MOST_SHOWN]  # it may quote the file
        raise UserError(f"{path} cannot be read: {type(error).__name__}: {said}", REMEDY) from error


def import_head_model(
    source: str,
    path: Path,
    reference: HeadModel,
    identity: int,
    expression: int,
    detect: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> HeadModel:
    """Read a published model and make it a head model.

    Args:
        source: a key of `FORMATS`.
        path: its file or folder.
        reference: the open head model, which says where eyes, lids and regions are.
        identity: components kept.
        expression: components kept.
        detect: vertices and triangles of a mesh that faces the viewer -> its 68 landmarks (68, 3); called where the
            file has no list of its own.

    Raises:
        MissingAsset: the file is not there.
        UserError: it is damaged or does not fit together.
    """
    mesh = read_published(source, path)
    mesh = replace(mesh, identity=mesh.identity[:identity], expression=mesh.expression[:expression])
    numbers, points = np.array(sorted(mesh.landmarks)), None
    if len(numbers) >= ENOUGH:
        points = mesh.mean[[mesh.landmarks[i] for i in numbers.tolist()]]
    else:
        seen = mesh.mean * PUBLISHED_AXES
        numbers, points = np.arange(68), detect(seen, outward(seen, mesh.triangles)) * PUBLISHED_AXES
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    if not spread[2] > FLAT * spread[0]:
        raise UserError(f"{path.name}: its landmarks lie in a plane or in one place", REMEDY)
    return complete(mesh, reference, numbers, points)
