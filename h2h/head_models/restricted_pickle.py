"""Reads pickles that hold arrays, and runs nothing that they name."""

from __future__ import annotations

import copyreg
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from h2h.errors import UserError
from h2h.head_models.morphable_mesh import REMEDY


class Record:
    """Stands for an object of a library that is not imported; its state is kept as attributes."""

    def __init__(self, *arguments: Any, **named: Any):
        self.arguments = arguments

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state if isinstance(state, dict) else {"state": state})


_ARRAYS = ("numpy.core.multiarray", "numpy._core.multiarray")
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("copy_reg", "_reconstructor"): copyreg._reconstructor,
    ("copyreg", "_reconstructor"): copyreg._reconstructor,
    ("__builtin__", "object"): object,
    ("builtins", "object"): object,
    ("__builtin__", "set"): set,
    ("builtins", "set"): set,
} | {(module, "_reconstruct"): np.ndarray.__reduce__(np.empty(0))[0] for module in _ARRAYS}
_RECORDS = ("chumpy.", "scipy.sparse.")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        if f"{module}.".startswith(_RECORDS):
            return type(name, (Record,), {})
        if (module, name) == ("_codecs", "encode"):  # how Python 3 writes bytes in the old protocol
            return _latin1
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no face model needs")


def read_pickle(path: Path) -> Any:
    """The object in a pickle of arrays, dictionaries and inert records.

    Raises:
        UserError: it is damaged, or names anything else: then nothing of it has been run.
    """
    try:
        with path.open("rb") as file:
            return _Unpickler(file, encoding="latin1").load()
    except Exception as error:  # unpickling damaged bytes can raise anything
        raise UserError(f"{path} cannot be read: {error}", REMEDY) from None


def _latin1(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in {encoding}")
    return text.encode("latin1")
