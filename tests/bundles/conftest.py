"""A project where two people's network is trained, and what it gives away."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from synthetic import write_cache
from tiny_head import head_model

from h2h.commands.export import export_init
from h2h.config import Params, Sections, load_params, merge, read_yaml, validate
from h2h.stages.runner import run_stage
from h2h.tracking.head_model import save_head_model

ROOT = Path(__file__).parents[2]
SMALL = {
    "identities": {"folds": {"default": {"initialise": ["a", "b"], "targets": ["c"]}}},
    "image": {"size": 32},
    "network": {"halvings": 1, "dynamics_frames": 2},
}


class Place:
    """A project's folder; everything runs in it."""

    def __init__(self, path: Path):
        self.path = path
        values = merge(merge(read_yaml(ROOT / "params.yaml"), read_yaml(ROOT / "tests/params.tiny.yaml")), SMALL)
        values["identities"]["quickstart"].update(target="c", source="a")
        values["identities"] |= {"reenactments": [], "folds": SMALL["identities"]["folds"]}
        rows = {"table1": ["ours", "vid2vid", "nearest_frame"], "table3": ["many"]}
        values["figures"] = {}
        values["tables"] = {name: {"title": name, "rows": part} for name, part in rows.items()}
        (path / "work/head_model").mkdir(parents=True)
        save_head_model(head_model(), path / "work/head_model/head_model.h5")
        self.write(values)

    def write(self, values: dict) -> None:
        validate(Params, values, "test")
        (self.path / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))

    def change(self, **sections) -> None:
        self.write(merge(read_yaml(self.path / "params.yaml"), sections))

    def person(self, name: str, seed: int, **identity: str) -> None:
        write_cache(self.path / f"work/cache/{name}.h5", name, 24, 32, seed=seed)
        (self.path / "data/identities" / name).mkdir(parents=True)
        (self.path / "data/identities" / name / "identity.yaml").write_text(yaml.safe_dump(identity))

    def run(self, stage: str, name: str, people: list[str] = (), experiment: str = "ours") -> Path:
        """Run a stage as the workflow's rule does."""
        params = load_params(self.path / "params.yaml")
        cfg = Sections(json.loads(json.dumps(params.of_experiment(experiment).model_dump())))
        output = self.path / f"work/{stage}/{name}.safetensors"
        inputs = {"method": params.experiments[experiment].method}
        if stage == "pretrain":
            caches = [self.path / f"work/cache/{person}.h5" for person in people]
            inputs |= {"caches": caches, "head_model": self.path / "work/head_model/head_model.h5"}
        else:
            inputs |= {"cache": self.path / f"work/cache/{name.split('.')[1]}.h5"}
            inputs |= {"pretrained": self.path / "work/pretrain/ours.default.safetensors"}
        before = os.getcwd()
        os.chdir(self.path)
        try:
            assert run_stage(stage, name, output, cfg, inputs)
        finally:
            os.chdir(before)
        return output


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Read only."""
    place = Place(tmp_path_factory.mktemp("giver"))
    place.person("a", 0, licence="CC0", consent="asked", credit="Anna A.")
    place.person("b", 1, licence="CC BY 4.0", consent="none known")
    place.run("pretrain", "ours.default", ["a", "b"])
    return place


@pytest.fixture(scope="session")
def bundle(trained: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of `trained`, without names; read only."""
    path = tmp_path_factory.mktemp("bundle") / "ours.h2hinit"
    before = os.getcwd()
    os.chdir(trained.path)
    try:
        export_init(load_params(), "ours", "default", False, path)
    finally:
        os.chdir(before)
    return path


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Another project, with one person and nobody to train on; it is the current folder."""
    (tmp_path / "newcomer").mkdir()
    place = Place(tmp_path / "newcomer")
    place.person("c", 2)
    monkeypatch.chdir(place.path)
    return place
