"""Tensors of a PyTorch module that was pickled whole, as FaceForensics++'s were; nothing from the file is run."""

from __future__ import annotations

import pickle
import tarfile
import warnings
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import torch
import torch._utils
from torch import Tensor

from h2h.errors import UserError
from h2h.io.torch_weights import REMEDY

DEEPEST = 20
ZIP = b"PK\x03\x04"  # how PyTorch knows its newer format, as modules pickled whole and TorchScript have it
CLASSES = (  # what FaceForensics++'s Xception consists of
    "network.models.TransferModel", "network.xception.Xception", "network.xception.Block",
    "network.xception.SeparableConv2d", "torch.nn.modules.conv.Conv2d", "torch.nn.modules.batchnorm.BatchNorm2d",
    "torch.nn.modules.activation.ReLU", "torch.nn.modules.container.Sequential", "torch.nn.modules.linear.Linear",
    "torch.nn.modules.dropout.Dropout", "torch.nn.modules.pooling.MaxPool2d",
    "torch.nn.backends.thnn._get_thnn_function_backend",
)  # fmt: skip


FUNCTIONS: dict[str, Any] = {  # what puts tensors and containers together
    "collections.OrderedDict": OrderedDict,
    "builtins.set": set,
    "__builtin__.set": set,
    "torch._utils._rebuild_tensor": torch._utils._rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": torch._utils._rebuild_tensor_v2,
    "torch._utils._rebuild_parameter": torch._utils._rebuild_parameter,
    "torch.nn.parameter.Parameter": torch.nn.Parameter,
}


class Husk:
    """Stands for any class of the file: keeps what was pickled and does nothing."""

    dump_patches = False  # PyTorch asks where the source of a class is not what it was


class _Unpickler(pickle.Unpickler):
    """Knows `FUNCTIONS` and husks, and nothing else that a pickle could call."""

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in FUNCTIONS:
            return FUNCTIONS[full]
        if full in CLASSES:
            return Husk
        raise pickle.UnpicklingError(f"{full} is not allowed")


def _load(file: IO[bytes], **options: Any) -> Any:
    return _Unpickler(file, **options).load()


def read_pickled_module(path: Path) -> dict[str, Tensor]:
    """The named tensors of a module pickled whole, whose code is not needed and not run.

    Returns:
        name -> tensor, as the module's `state_dict()` would name them. Their shapes are the file's word.

    Raises:
        UserError: the file is damaged, no pickled module, or holds classes other than `CLASSES`.
    """
    try:
        if tarfile.is_tarfile(path):  # PyTorch would unpack it
            raise UserError(f"{path} is an archive, and no PyTorch module", REMEDY)
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a husk's source is not the class's
            if _is_scripted(file):
                raise UserError(f"{path} is a TorchScript program, which is not run, and no pickled module", REMEDY)
            # PyTorch's own restricted reader refuses modules that are pickled whole; this one allows less
            restricted: Any = SimpleNamespace(Unpickler=_Unpickler, load=_load, __name__=__name__)
            module = torch.load(file, map_location="cpu", weights_only=False, pickle_module=restricted)
    except UserError:
        raise
    except Exception as error:  # torch raises many kinds
        reason = str(error).partition("\n")[0]
        raise UserError(
            f"{path} cannot be read as a PyTorch module: {type(error).__name__}: {reason}", REMEDY
        ) from None
    if not isinstance(module, Husk):
        raise UserError(f"{path} holds no PyTorch module", REMEDY)
    found: dict[str, Tensor] = {}
    _gather(module, "", found, path, 0)
    return found


def _is_scripted(file: IO[bytes]) -> bool:
    """Whether `torch.load` would hand the file to `torch.jit.load`, which runs code of it and knows no `pickle_module`.

    Asked of PyTorch's own reader, since another may find other members in a hostile zip.
    """
    is_zip = file.read(len(ZIP)) == ZIP
    file.seek(0)
    scripted = is_zip and "constants.pkl" in torch._C.PyTorchFileReader(file).get_all_records()
    file.seek(0)
    return scripted


def _gather(module: Husk, prefix: str, found: dict[str, Tensor], path: Path, depth: int) -> None:
    parts: list[dict[str, Any]] = [vars(module).get(key, {}) for key in ("_parameters", "_buffers", "_modules")]
    if depth > DEEPEST or not all(isinstance(part, dict) for part in parts):
        raise UserError(f"{path} holds no sound PyTorch module", REMEDY)
    for tensors in parts[:2]:
        found |= {f"{prefix}{key}": value for key, value in tensors.items() if isinstance(value, Tensor)}
    for key, inner in parts[2].items():
        if isinstance(inner, Husk):
            _gather(inner, f"{prefix}{key}.", found, path, depth + 1)
