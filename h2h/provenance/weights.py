"""Optional weights, which are read where they are there: a file that arrives makes stale what it would change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from h2h.provenance.contents import digest_files

Values = Mapping[str, Mapping[str, Any]]

# parameter with the file's path, and whether a job with these parameters and this method reads it
Reader = tuple[str, str, Callable[[Values, str], bool]]
_VGG: Reader = (
    "losses",
    "vgg_weights",
    lambda v, method: method != "x2face" and v["losses"]["perceptual_network"] != "efficientnet_lite0",
)
_ARCFACE = ("evaluate", "arcface", lambda v, method: v["evaluate"]["features"] in ("auto", "arcface"))
_NETWORKS: tuple[Reader, ...] = (
    (
        "network",
        "embedder_weights",
        lambda v, method: method == "ours" and v["network"]["embedder"] == "inception_resnet_v1",
    ),
    ("network", "x2face_weights", lambda v, method: method == "x2face" and v["network"]["x2face"] == "released"),
)
_READERS: dict[str, tuple[Reader, ...]] = {
    "matting": (("matting", "weights", lambda v, method: v["matting"]["method"] == "bisenet"),),
    "flow_pretrain": (("flow_pretrain", "weights", lambda v, method: True),),
    "pretrain": (*_NETWORKS, _VGG),
    "finetune": (*_NETWORKS, _VGG),
    "evaluate": (
        _ARCFACE,
        ("evaluate", "alexnet", lambda v, method: v["evaluate"]["perceptual"] in ("auto", "lpips")),
    ),
    "transfers": (_ARCFACE,),
    "detector": (("detector", "weights", lambda v, method: True),),
}


def weights(stage: str, values: Values, method: str = "ours") -> list[str]:
    """Digests of the optional weights that are there and that a job would read.

    Args:
        stage: of the job.
        values: all parameters, as plain data.
        method: of the job's experiment.
    """
    named = [values[section][key] for section, key, reads in _READERS.get(stage, ()) if reads(values, method)]
    files = [Path(path) for path in named if path and Path(path).is_file()]
    return [digest_files([file], file.parent) for file in files]
