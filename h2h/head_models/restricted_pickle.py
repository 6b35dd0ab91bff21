"""Reads pickles that hold arrays, and runs nothing that they name.

Nothing of NumPy, SciPy or the standard library is handed to the pickle, since even `numpy.ndarray` and `numpy.dtype`
let a crafted file make arrays over memory of its choice. It gets stand-ins that only keep what they are told; arrays
are made from the checked bytes afterwards.
"""

from __future__ import annotations

import math
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from h2h.errors import UserError
from h2h.head_models.morphable_mesh import REMEDY

MOST_REFERENCES = 1_000_000  # a pickle may name the place of a value; a huge number would make Python allocate as much
KINDS = "biufSU"  # of arrays: numbers and text


class Record:
    """Stands for an object of a library that is not imported; `fields` is its state."""

    __slots__ = ("fields",)

    def __init__(self, *arguments: Any, **named: Any):
        self.fields: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        self.fields = dict(state) if isinstance(state, dict) else {"state": state}


class _Dtype:
    __slots__ = ("code", "order")

    def __init__(self, code: str):
        self.code, self.order = code, "="

    def __setstate__(self, state: Any) -> None:
        self.order = state[1]

    def real(self) -> np.dtype:
        code = self.code.decode() if isinstance(self.code, bytes) else self.code
        found = np.dtype(code.lstrip("<>=|")).newbyteorder("=" if self.order == "|" else self.order)
        if found.kind not in KINDS or found.hasobject:
            raise pickle.UnpicklingError(f"an array of {found}")
        return found


class _Array:
    __slots__ = ("state",)

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def real(self) -> np.ndarray:
        _, shape, kind, fortran, raw = self.state
        raw = raw.encode("latin1") if isinstance(raw, str) else bytes(raw)
        shape, kind = tuple(int(n) for n in shape), kind.real()
        if min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize != len(raw):
            raise pickle.UnpicklingError(f"an array of shape {shape} and {kind} with {len(raw)} bytes")
        return np.frombuffer(raw, kind).reshape(shape, order="F" if fortran else "C").copy()


class _Named:
    """What the pickle gets for a name: without attributes to write, and of no use but to be called."""

    __slots__ = ("_call",)

    def __init__(self, call: Any):
        object.__setattr__(self, "_call", call)

    def __call__(self, *arguments: Any) -> Any:
        return self._call(*arguments)

    def __setattr__(self, name: str, value: Any) -> None:
        raise pickle.UnpicklingError(f"it writes to {name}")

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("it changes a function")


def _refuse(*arguments: Any) -> Any:
    raise pickle.UnpicklingError("it makes an array or an object directly")


def _reconstruct(*arguments: Any) -> _Array:
    return _Array()


def _reconstructor(kind: Any, base: Any, state: Any) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, Record)):
        raise pickle.UnpicklingError("it reconstructs something unknown")
    return kind()


def _latin1(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in {encoding}")
    return text.encode("latin1")


_ALLOWED = {
    ("numpy", "ndarray"): _refuse,
    ("numpy", "dtype"): lambda code, *unused: _Dtype(code),
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("copy_reg", "_reconstructor"): _reconstructor,
    ("copyreg", "_reconstructor"): _reconstructor,
    ("__builtin__", "object"): _refuse,
    ("builtins", "object"): _refuse,
    ("__builtin__", "set"): lambda values=(): list(values),
    ("builtins", "set"): lambda values=(): list(values),
    ("_codecs", "encode"): _latin1,  # how Python 3 writes bytes in the old protocols
}
_RECORDS = ("chumpy.", "scipy.sparse.")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _Named(_ALLOWED[module, name])
        if f"{module}.".startswith(_RECORDS):
            return type(name, (Record,), {"__slots__": ()})
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no face model needs")


def read_pickle(path: Path) -> Any:
    """The object in a pickle of arrays, dictionaries and inert records.

    Raises:
        UserError: it is damaged, or names anything else: then nothing of it has been run.
    """
    try:
        with path.open("rb") as file:
            for operation, argument, _ in pickletools.genops(file):
                if operation.name.endswith("PUT") and int(argument) > MOST_REFERENCES:
                    raise pickle.UnpicklingError(f"it refers to value number {argument}")
            file.seek(0)
            return _plain(_Unpickler(file, encoding="latin1").load(), {})
    except Exception as error:  # unpickling damaged bytes can raise anything
        raise UserError(f"{path} cannot be read: {error}", REMEDY) from None


def _plain(value: Any, seen: dict[int, Any]) -> Any:
    """The value with its arrays made; each object once, so that cycles end."""
    if not isinstance(value, _Array | dict | list | tuple | Record) or id(value) in seen:
        return seen.get(id(value), value)
    seen[id(value)] = value.real() if isinstance(value, _Array) else value
    if isinstance(value, _Array):
        return seen[id(value)]
    if isinstance(value, Record):
        value.fields = {key: _plain(item, seen) for key, item in value.fields.items()}
    elif isinstance(value, dict):
        value.update({key: _plain(item, seen) for key, item in value.items()})
    elif isinstance(value, list):
        value[:] = [_plain(item, seen) for item in value]
    else:
        return tuple(_plain(item, seen) for item in value)
    return value
