"""A project with one fine-tuned person, whose weights are random: what is tested is not how well it draws."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "bundles"))
sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from synthetic import write_cache
from tiny_head import head_model

from h2h.config import Params, merge, read_yaml, validate
from h2h.io.cards import write_card
from h2h.io.checkpoint import save_checkpoint
from h2h.io.h5 import writing
from h2h.io.video_writer import write_video
from h2h.models.normalisation import InstanceNorm
from h2h.tracking.head_model import save_head_model
from h2h.training.networks import build_generator

ROOT = Path(__file__).parents[2]
TRAINED = {"first_frame": 0, "frames": 10, "clips": 2, "steps": 4, "precision": "fp32"}


def make_project(folder: Path, name: str = "ann") -> None:
    """Everything that an export reads, in the current folder's layout."""
    values = merge(read_yaml(ROOT / "params.yaml"), read_yaml(ROOT / "tests/params.tiny.yaml"))
    values = merge(values, {"image": {"size": 32}, "network": {"halvings": 1, "gaze": True}})
    values["identities"]["quickstart"].update(target=name, source="bea")
    values["identities"] |= {"reenactments": [], "folds": {"default": {"initialise": ["bea"], "targets": [name]}}}
    values["figures"] = {}
    values["tables"] = {"table1": {"title": "one", "rows": ["ours", "vid2vid", "nearest_frame"]}}
    params = validate(Params, values, "test")
    (folder / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    write_head(folder)
    write_cache(folder / f"work/cache/{name}.h5", name, 24, 32, identity=4, cuts=(7,))
    write_card(folder / f"work/cache/{name}.h5", "cache", name, {})
    (folder / "work/frames").mkdir()
    write_network(folder, params, name)
    (folder / "data/identities" / name).mkdir(parents=True)
    write_video(folder / "data/identities" / name / "a.mp4", [np.zeros((256, 320, 3), np.uint8)] * 2, 20)
    with writing(folder / f"work/frames/{name}.h5") as writer:
        writer.file["crop"] = [[1.5, -2.0, 100.0]]
        writer.file.attrs["clips"] = json.dumps(["a.mp4"])
    (folder / "data/identities" / name / "identity.yaml").write_text("licence: CC0\nconsent: |\n  asked\n  twice\n")


def write_head(folder: Path, **changes) -> None:
    path = folder / "work/head_model/head_model.h5"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_head_model(head_model(expression=30, **changes), path)
    write_card(path, "head_model", "head_model", {})


def write_network(folder: Path, params: Params, name: str, seed: int = 0) -> None:
    """A fine-tuned checkpoint."""
    torch.manual_seed(seed)
    network = build_generator(params.network, None)
    for layer in (m for m in network.modules() if isinstance(m, InstanceNorm)):
        torch.nn.init.normal_(layer.gamma, 1, 0.2)
    description = {
        "network": params.network.model_dump(), "size": params.image.size, "method": "ours", "people": [name],
        "embedding": None, "initialised_from": ["bea"], "pretrained_embedder": False,
    }  # fmt: skip
    path = folder / f"work/finetune/ours.{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(path, {"generator": network.state_dict()}, description)
    write_card(path, "finetune", f"ours.{name}", {**description, **TRAINED})
