"""Expression basis from the 43 face units (ARKit's blend shapes without tongue and eye directions).

There is no corpus of scans behind it: plausible sparse activations of the units are drawn, and the basis is the SVD of
what they do to the mesh, not centred, so that no expression means the neutral face.
"""

from __future__ import annotations

import numpy as np

from h2h.tracking.makehuman import data_folder, read_target

# unit: (probability that it is active, a and b of the beta distribution of its strength); others: OTHER
UNITS = {"jawOpen": (0.6, 1.2, 2.0), "eyeBlinkLeft": (0.35, 1.0, 1.0)}
RARE = ("jawForward", "cheekPuff", "mouthRollLower", "mouthRollUpper", "mouthFunnel", "mouthPucker")
SIDEWAYS = ("jawLeft", "mouthLeft")  # left and right exclude each other instead of going together
OTHER, RARELY = (0.35, 1.5, 2.5), (0.2, 1.5, 3.0)
DRAWS = 2000


def read_units(vertices: np.ndarray, body_vertices: int) -> tuple[list[str], np.ndarray]:
    """Names of the 43 units and their offsets f32 (43, N, 3), dm, at the given vertices of the body."""
    folder = data_folder() / "faceunits01" / "targets" / "faceunits"
    paths = [p for p in sorted(folder.glob("*.target")) if p.stem != "tongueOut" and not p.stem.startswith("eyeLook")]
    return [p.stem for p in paths], np.stack([read_target(p, body_vertices)[vertices] for p in paths])


def draw_activations(names: list[str], count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw strengths in [0, 1] of the units, f64 (count, units); left and right units mostly go together."""
    strength = np.zeros((count, len(names)))
    for column, name in enumerate(names):
        if name.endswith("Right"):
            continue
        probability, a, b = UNITS.get(name, RARELY if name in RARE + SIDEWAYS else OTHER)
        drawn = rng.beta(a, b, count) * (rng.random(count) < probability)
        strength[:, column] = drawn
        mirrored = name.removesuffix("Left") + "Right"
        if name.endswith("Left") and mirrored in names:
            if name in SIDEWAYS:
                other = rng.beta(a, b, count) * (rng.random(count) < probability) * (drawn == 0)
            else:
                other = np.clip(drawn * rng.normal(1, 0.2, count), 0, 1)
            strength[:, names.index(mirrored)] = other
    # lips cannot close farther than the jaw is open
    close, jaw = names.index("mouthClose"), names.index("jawOpen")
    strength[:, close] = np.minimum(strength[:, close], strength[:, jaw])
    return strength


def expression_basis(units: np.ndarray, strengths: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Uncentred principal components.

    Args:
        units: (u, N, 3), mm.
        strengths: (draws, u).
        components: n_e.

    Returns:
        Orthonormal basis f32 (n_e, N, 3) and root mean square coefficients f32 (n_e,), mm.
    """
    flat = units.reshape(len(units), -1).astype(np.float64)
    # C E for the draws C has the same right singular vectors as L^T E, where L L^T = C^T C / draws: 43 rows, not 2000
    second_moment = strengths.T @ strengths / len(strengths)
    factor = np.linalg.cholesky(second_moment + 1e-9 * np.eye(len(units)))
    _, sigma, basis = np.linalg.svd(factor.T @ flat, full_matrices=False)
    basis = basis[:components] * _sign(basis[:components])
    return basis.reshape(components, -1, 3).astype(np.float32), sigma[:components].astype(np.float32)


def _sign(basis: np.ndarray) -> np.ndarray:
    """Make the largest entry of every row positive, so that the basis does not depend on the linear algebra library."""
    largest = np.abs(basis).argmax(axis=1)
    return np.sign(basis[np.arange(len(basis)), largest])[:, None]
