"""Reads a .mat file in a process of its own: SciPy's reader can crash on a damaged or hostile file.

    python -m h2h.head_models.matlab_child IN.mat OUT.npz

OUT has the arrays of numbers, and the fields of structures as "variable.field". Ends with 3 where the file is of MATLAB
7.3, and with 4, saying why, where it cannot be read.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.io import loadmat

OTHER_FORMAT, UNREADABLE = 3, 4


def main(source: str, target: str) -> int:
    """Read `source`, write `target`, return the exit code."""
    try:
        variables = loadmat(source)
    except NotImplementedError:
        return OTHER_FORMAT
    except Exception as error:  # SciPy raises many kinds for damaged files, TypeError and IndexError among them
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return UNREADABLE
    found = {}
    for name, value in variables.items():
        if not isinstance(value, np.ndarray):
            continue
        if value.dtype.names and value.size == 1:
            record = value.ravel()[0]
            found |= {f"{name}.{field}": record[field] for field in value.dtype.names}
        else:
            found[name] = value
    numbers = {
        name: value for name, value in found.items() if isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
    }
    np.savez(target, **numbers)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
