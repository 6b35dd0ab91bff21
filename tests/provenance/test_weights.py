"""Weights that arrive make stale what is made with them, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from h2h import provenance
from h2h.stages import STAGES

VALUES: dict[str, Any] = {
    "matting": {"method": "mediapipe", "weights": "models/face.pth"},
    "flow_pretrain": {"weights": ""},
    "network": {
        "embedder": "inception_resnet_v1",
        "embedder_weights": "models/embedder.pt",
        "x2face": "trained",
        "x2face_weights": "models/x2face.pth",
    },
    "losses": {"perceptual_network": "auto", "vgg_weights": "models/vgg.pth"},
    "evaluate": {"features": "auto", "arcface": "models/arcface.onnx", "perceptual": "auto", "alexnet": "alexnet.pth"},
    "detector": {"weights": "models/xception.p"},
}


def changed(section: str, **values: str) -> dict[str, Any]:
    return VALUES | {section: VALUES[section] | values}


def stale(values: dict[str, Any], file: str, method: str = "ours") -> set[str]:
    """Stages with other params once a file is there."""
    before = {stage: provenance.weights(stage, values, method) for stage in STAGES}
    path = Path(file)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"weights")
    found = {stage for stage in STAGES if provenance.weights(stage, values, method) != before[stage]}
    path.unlink()
    return found


def test_a_file_that_arrives_makes_its_readers_stale(folder: Path):
    assert stale(VALUES, "models/vgg.pth") == {"pretrain", "finetune"}
    assert stale(VALUES, "models/embedder.pt") == {"pretrain", "finetune"}
    assert stale(VALUES, "models/arcface.onnx") == {"evaluate", "transfers"}
    assert stale(VALUES, "alexnet.pth") == {"evaluate"}
    assert stale(VALUES, "models/xception.p") == {"detector"}
    assert stale(changed("matting", method="bisenet"), "models/face.pth") == {"matting"}
    assert stale(changed("flow_pretrain", weights="models/flow.tar"), "models/flow.tar") == {"flow_pretrain"}
    assert stale(changed("network", x2face="released"), "models/x2face.pth", "x2face") == {"pretrain", "finetune"}


@pytest.mark.parametrize(
    ("values", "file", "method"),
    [
        (VALUES, "models/face.pth", "ours"),
        (VALUES, "models/embedder.pt", "vid2vid"),
        (VALUES, "models/x2face.pth", "x2face"),
        (VALUES, "models/vgg.pth", "x2face"),  # it has no perceptual loss
        (changed("network", x2face="released"), "models/x2face.pth", "ours"),
        (changed("losses", perceptual_network="efficientnet_lite0"), "models/vgg.pth", "ours"),
        (changed("evaluate", features="dlib", perceptual="efficientnet_lite0"), "models/arcface.onnx", "ours"),
    ],
)
def test_a_file_that_nobody_reads_makes_nothing_stale(values: dict[str, Any], file: str, method: str, folder: Path):
    assert stale(values, file, method) == set()


def test_other_weights_of_the_same_name_make_stale(folder: Path):
    Path("alexnet.pth").write_bytes(b"one")
    first = provenance.weights("evaluate", VALUES)
    Path("alexnet.pth").write_bytes(b"another")
    assert provenance.weights("evaluate", VALUES) != first
