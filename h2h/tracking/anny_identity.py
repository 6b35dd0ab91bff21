"""Random heads from MakeHuman's macro and local targets; their PCA is the identity basis.

The spreads are hand-set, not population statistics: many full-strength samples are caricatures, so the prior of the
fit matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from h2h.tracking.makehuman import data_folder, read_target

RACES, GENDERS = ("african", "asian", "caucasian"), ("male", "female")
AGES, AGE_ANCHORS = ("baby", "child", "young", "old"), (0, 0.1875, 0.5, 1)
MUSCLES, WEIGHTS = (
    tuple(f"{x}muscle" for x in ("min", "average", "max")),
    tuple(f"{x}weight" for x in ("min", "average", "max")),
)
# folder of local targets -> standard deviation of its controls, in units of the full target
SPREAD = {
    "head": 0.15, "forehead": 0.2, "eyebrows": 0.3, "eyes": 0.25, "nose": 0.28, "mouth": 0.25, "ears": 0.25,
    "chin": 0.25, "cheek": 0.28, "neck": 0.12, "asym": 0.10,
}  # fmt: skip
POSE = re.compile(r"head-trans|head-angle|neck-trans|measure-neck-height|^asymm-")  # position, not shape
OPPOSITES = (
    ("decr", "incr"), ("down", "up"), ("in", "out"), ("backward", "forward"), ("concave", "convex"),
    ("compress", "uncompress"), ("pointed", "triangle"), ("square", "round"),
)  # fmt: skip
OWN_SIDE = 0.15  # part of a left or right control that the other side does not share


@dataclass(frozen=True)
class Control:
    """A signed slider: `positive` for values above 0, `negative` (or nothing) below.

    Attributes:
        folder: which part of the head.
        key: equal for the left and the right control of a pair.
        sided: has a left or right partner.
        positive, negative: f32 (N * 3,), offsets in dm; negative is None for one-sided targets.
    """

    folder: str
    key: str
    sided: bool
    positive: np.ndarray
    negative: np.ndarray | None


def read_controls(vertices: np.ndarray, body_vertices: int) -> list[Control]:
    """Pair the local targets of the head into signed controls."""
    folder = data_folder() / "mpfb2" / "targets"
    controls = []
    for part in SPREAD:
        paths = {p.name.removesuffix(".target.gz"): p for p in sorted((folder / part).glob("*.target.gz"))}
        names = [name for name in paths if not POSE.search(name)]
        offsets = {name: read_target(paths[name], body_vertices)[vertices].ravel() for name in names}
        taken: set[str] = set()
        for name in names:
            if name in taken or _is_second(name, names):
                continue
            partner = _partner(name, names, part)
            taken |= {name, partner or name}
            key = re.sub(r"^[lr]-", "*-", name)
            first = offsets[name]
            pair = (first, None) if partner is None else (offsets[partner], first)
            controls.append(Control(part, key, key != name, *pair))
    return controls


def read_macros(vertices: np.ndarray, body_vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """Macro targets of the whole body's build.

    Returns:
        f32 (2, 4, 3, 3, N * 3) by gender, age, muscle and weight; f32 (3, 2, 4, N * 3) by race, gender and age.
    """
    folder = data_folder() / "mpfb2" / "targets" / "macrodetails"

    def read(name: str) -> np.ndarray:
        return read_target(folder / f"{name}.target.gz", body_vertices)[vertices].ravel()

    universal = [
        [[[read(f"universal-{g}-{a}-{m}-{w}") for w in WEIGHTS] for m in MUSCLES] for a in AGES] for g in GENDERS
    ]
    racial = [[[read(f"{r}-{g}-{a}") for a in AGES] for g in GENDERS] for r in RACES]
    return np.array(universal), np.array(racial)


def draw_heads(
    neutral: np.ndarray,
    macros: tuple[np.ndarray, np.ndarray],
    controls: list[Control],
    count: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw heads, f32 (count, N, 3) in dm, neither aligned nor scaled."""
    gender = rng.beta(0.5, 0.5, count)
    age = np.where(rng.random(count) < 0.92, rng.uniform(0.4, 1, count), rng.uniform(0.1875, 0.4, count))
    by_gender = np.stack([gender, 1 - gender], axis=1)
    by_age = hat_weights(age, AGE_ANCHORS)
    by_muscle, by_weight = (hat_weights(rng.beta(3, 3, count), (0, 0.5, 1)) for _ in range(2))
    by_race = rng.dirichlet([0.6] * 3, count)
    universal = np.einsum("ng,na,nm,nw->ngamw", by_gender, by_age, by_muscle, by_weight).reshape(count, -1)
    racial = np.einsum("nr,ng,na->nrga", by_race, by_gender, by_age).reshape(count, -1)
    values = draw_controls(controls, count, rng)
    size = neutral.size
    weights = [universal, racial, np.maximum(values, 0), np.maximum(-values, 0)]
    shapes = [
        macros[0].reshape(-1, size),
        macros[1].reshape(-1, size),
        np.stack([control.positive for control in controls]),
        np.stack([np.zeros(size) if control.negative is None else control.negative for control in controls]),
    ]
    heads = np.tile(neutral.ravel().astype(np.float32), (count, 1))
    for weight, shape in zip(weights, shapes, strict=True):
        heads += weight.astype(np.float32) @ shape.astype(np.float32)
    return heads.reshape(count, -1, 3)


def draw_controls(controls: list[Control], count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the controls' values in [-1, 1], f64 (count, controls)."""
    values = np.zeros((count, len(controls)))
    shared: dict[str, np.ndarray] = {}
    one_sided_head = [i for i, c in enumerate(controls) if c.negative is None and c.folder == "head"]
    for column, control in enumerate(controls):
        spread = SPREAD[control.folder]
        if control.key not in shared:
            shared[control.key] = rng.normal(0, spread, count)
        value = shared[control.key]
        if control.sided:
            value = value + rng.normal(0, OWN_SIDE * spread, count)
        value = np.clip(value, -1, 1)
        if column not in one_sided_head:
            values[:, column] = np.abs(value) if control.negative is None else value
    # the whole head's outlines (round, square, diamond, ...) exclude each other
    which = rng.choice(one_sided_head, count)
    values[np.arange(count), which] = np.where(rng.random(count) < 0.4, rng.uniform(0, 0.5, count), 0)
    return values


def hat_weights(values: np.ndarray, anchors: tuple[float, ...]) -> np.ndarray:
    """Linear interpolation weights of values (n,) between sorted anchors (k,): (n, k), rows sum to 1."""
    return np.stack([np.interp(values, anchors, row) for row in np.eye(len(anchors))], axis=1)


def _partner(name: str, names: list[str], part: str) -> str | None:
    for first, second in OPPOSITES:
        if name.endswith("-" + first) and name.removesuffix(first) + second in names:
            return name.removesuffix(first) + second
    if part == "asym" and name.endswith("-l") and name.removesuffix("l") + "r" in names:
        return name.removesuffix("l") + "r"
    return None


def _is_second(name: str, names: list[str]) -> bool:
    return any(
        name.endswith("-" + second) and name.removesuffix(second) + first in names for first, second in OPPOSITES
    )
