"""The 3D morphable head model x = mean + U_id s_id + U_exp s_exp (eq. 1) as a record, and its file.

Axes: x to the right of a picture of a frontal face (the subject's left), y down, z away from the viewer; millimetres;
the origin is the centre of skull and face. The identity rotation therefore shows the face from the front.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from h2h.errors import UserError
from h2h.io.h5 import creating, reading

INTERNAL, FACE, HEAD = 0, 1, 2
JAW = slice(0, 17)
RIGHT_EYE, LEFT_EYE = slice(36, 42), slice(42, 48)
OUTER_EYE_CORNERS = (36, 45)
MOUTH = slice(48, 68)
FINITE = ("mean", "identity_basis", "expression_basis", "landmark_weights", "dense_weights")
REMEDY = "delete it and run snakemake stage_head_model"


@dataclass(frozen=True)
class HeadModel:
    """A morphable head with N vertices, M triangles, n_i identity and n_e expression components.

    Attributes:
        mean: f32 (N, 3), mm.
        triangles: i32 (M, 3), counter-clockwise as seen from outside.
        region: u8 (M,), FACE, HEAD (the rest of the skin) or INTERNAL (eyeballs, sockets, teeth, tongue, mouth cavity).
        identity_basis: f32 (n_i, N, 3), of unit length; orthonormal in the open model.
        identity_sigma: f32 (n_i,), mm.
        expression_basis: f32 (n_e, N, 3), likewise.
        expression_sigma: f32 (n_e,), mm.
        landmark_triangles: i32 (68, 3), the vertices around each iBUG point.
        landmark_weights: f32 (68, 3), their barycentric weights.
        contour: i32 (17, C), the vertices that each point of the jaw line may slide to.
        eyelids: i32 (2, L), edge of the right and left eye's opening, counter-clockwise as seen from outside.
        eyeball: i32 (2, E), vertices of the right and left eyeball.
        iris: i32 (2, 8), the right and left iris' rim.
        pupil: i32 (2, 8), the pupils' rims.
        licence: of the data.
        dense_triangles: i32 (468, 3), the vertices around each point of MediaPipe's face mesh; (0, 3) if unknown.
        dense_weights: f32 (468, 3), their barycentric weights; all 0 for a point that is not known.
    """

    mean: np.ndarray
    triangles: np.ndarray
    region: np.ndarray
    identity_basis: np.ndarray
    identity_sigma: np.ndarray
    expression_basis: np.ndarray
    expression_sigma: np.ndarray
    landmark_triangles: np.ndarray
    landmark_weights: np.ndarray
    contour: np.ndarray
    eyelids: np.ndarray
    eyeball: np.ndarray
    iris: np.ndarray
    pupil: np.ndarray
    licence: str
    dense_triangles: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int32))
    dense_weights: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.float32))

    def shape(self, identity: np.ndarray, expression: np.ndarray) -> np.ndarray:
        """Eq. 1: (n_i,) and (n_e,) -> (N, 3) mm."""
        return self.with_expression(self.neutral(identity), expression)

    def neutral(self, identity: np.ndarray) -> np.ndarray:
        """(n_i,) -> (N, 3) mm, without expression."""
        return self.mean + np.tensordot(identity, self.identity_basis, 1)

    def with_expression(self, neutral: np.ndarray, expression: np.ndarray) -> np.ndarray:
        """(N, 3) and (n_e,) -> (N, 3) mm."""
        return neutral + np.tensordot(expression, self.expression_basis, 1)

    def landmarks(self, vertices: np.ndarray) -> np.ndarray:
        """(..., N, 3) -> the 68 iBUG points (..., 68, 3)."""
        return np.einsum("...kcd,kc->...kd", vertices[..., self.landmark_triangles, :], self.landmark_weights)

    def dense_points(self, vertices: np.ndarray) -> np.ndarray:
        """(..., N, 3) -> the points of MediaPipe's face mesh (..., 468, 3)."""
        return np.einsum("...kcd,kc->...kd", vertices[..., self.dense_triangles, :], self.dense_weights)

    def eyes(self, vertices: np.ndarray) -> Eyes:
        """(..., N, 3) -> the two eyeballs."""
        centre = vertices[..., self.eyeball, :].mean(axis=-2)
        iris = vertices[..., self.iris, :]
        middle = iris.mean(axis=-2)
        return Eyes(
            centre,
            np.linalg.norm(middle - centre, axis=-1),
            np.linalg.norm(iris - middle[..., None, :], axis=-1).mean(axis=-1),
            np.linalg.norm(vertices[..., self.pupil, :] - middle[..., None, :], axis=-1).mean(axis=-1),
        )

    def reduced(self) -> HeadModel:
        """Only the vertices that landmarks, lids and eyes need, without a surface: an eighth of the work in fits."""
        parts = ("landmark_triangles", "eyelids", "eyeball", "iris", "pupil")
        used = np.unique(np.concatenate([getattr(self, part).ravel() for part in parts]))
        place = np.zeros(len(self.mean), np.int32)
        place[used] = np.arange(len(used), dtype=np.int32)
        return replace(
            self,
            mean=self.mean[used],
            triangles=self.triangles[:0],
            region=self.region[:0],
            identity_basis=self.identity_basis[:, used],
            expression_basis=self.expression_basis[:, used],
            contour=self.contour[:, :0],
            dense_triangles=self.dense_triangles[:0],
            dense_weights=self.dense_weights[:0],
            **{part: place[getattr(self, part)] for part in parts},
        )


@dataclass(frozen=True)
class Eyes:
    """The right and the left eyeball.

    Attributes:
        centre: (..., 2, 3), mm.
        iris_distance: (..., 2), from the eyeball's centre to the iris' centre, mm.
        iris_radius: (..., 2), mm.
        pupil_radius: (..., 2), mm.
    """

    centre: np.ndarray
    iris_distance: np.ndarray
    iris_radius: np.ndarray
    pupil_radius: np.ndarray


def save_head_model(model: HeadModel, path: Path) -> None:
    """Write a head model as HDF5 (no time stamps: the same model gives the same bytes)."""
    with creating(path) as file:
        for part in fields(model):
            value = getattr(model, part.name)
            if isinstance(value, str):
                file.attrs[part.name] = value
            else:
                file.create_dataset(part.name, data=value)


def load_head_model(path: Path) -> HeadModel:
    """Read what `save_head_model` wrote.

    Raises:
        UserError: the file is missing or damaged, or its arrays do not fit each other.
    """
    with reading(path, "head_model") as file:
        missing = [f.name for f in fields(HeadModel) if f.name not in file and f.name not in file.attrs]
        if missing:
            raise UserError(f"{path} is no head model: it has no {', '.join(missing)}", REMEDY)
        model = HeadModel(
            **{f.name: file.attrs[f.name] if f.name == "licence" else file[f.name][:] for f in fields(HeadModel)}
        )
    check_head_model(model, str(path))
    return model


def check_head_model(model: HeadModel, where: str, remedy: str = REMEDY) -> None:
    """Whether the arrays of a head model from a file fit each other and hold sensible values.

    Args:
        model: the head model.
        where: the file, for the message.
        remedy: what to do about it.

    Raises:
        UserError: naming the array.
    """
    count = len(model.mean)
    shapes = {
        "mean": (count, 3),
        "triangles": (len(model.triangles), 3),
        "region": (len(model.triangles),),
        "identity_basis": (len(model.identity_sigma), count, 3),
        "expression_basis": (len(model.expression_sigma), count, 3),
        "landmark_triangles": (68, 3),
        "landmark_weights": (68, 3),
        "contour": (JAW.stop, *model.contour.shape[1:]),
        "dense_weights": model.dense_triangles.shape,
    }
    for name, wanted in shapes.items():
        if getattr(model, name).shape != wanted:
            raise UserError(f"{where}: {name} has the shape {getattr(model, name).shape}, not {wanted}", remedy)
    if len(model.dense_triangles) not in (0, 468) or not model.contour.size:
        raise UserError(f"{where}: {len(model.dense_triangles)} dense points, contour {model.contour.shape}", remedy)
    for name in (*FINITE, "identity_sigma", "expression_sigma"):
        if not np.isfinite(getattr(model, name)).all():
            raise UserError(f"{where}: {name} holds values that are not finite", remedy)
    for name in ("identity_sigma", "expression_sigma"):
        if (getattr(model, name) <= 0).any():
            raise UserError(f"{where}: {name} holds a standard deviation that is not positive", remedy)
    for name in (
        "triangles",
        "landmark_triangles",
        "contour",
        "eyelids",
        "eyeball",
        "iris",
        "pupil",
        "dense_triangles",
    ):
        value = getattr(model, name)
        if value.size and (value.min() < 0 or value.max() >= count):
            raise UserError(f"{where}: {name} names a vertex outside 0 to {count - 1}", remedy)
