"""Who plays which part."""

from __future__ import annotations

from pathlib import Path

import pytest
from layout.settings import EXPERIMENTS, ROOT, params

from h2h import layout
from h2h.config import load_params
from h2h.errors import UserError


def test_listed_people(folder: Path):
    who = layout.cast(params(), folder)
    assert who.people == ("ann", "bea", "cyd")
    assert who.roles == {"ann": "target", "bea": "train", "cyd": "train"}
    assert who.initialise == {"default": ("bea", "cyd")}
    assert who.fold_of == {"ann": "default"}
    assert not who.problems and not who.warnings


def test_what_an_experiment_imports(folder: Path):
    section = load_params(ROOT / "params.yaml").pretrain.model_dump()
    values = {"pretrain": section | {"imported": "models/a.h2hinit"}}
    own = {"method": "ours", "changes": {"pretrain.imported": "models/b.h2hinit"}}
    now = params(values | {"experiments": {**EXPERIMENTS, "own": own}})
    assert [now.imported(name) for name in ("ours", "own", "many")] == ["models/a.h2hinit", "models/b.h2hinit", None]
    assert [params().imported(name) for name in ("ours", "many")] == [None, None]


def test_a_new_person_is_a_target_and_trains_nobody_else(folder: Path):
    before = layout.cast(params(), folder)
    (folder / "dan").mkdir()
    who = layout.cast(params(), folder)
    assert who.fold_of["dan"] == "default"
    assert who.initialise == before.initialise


def test_identity_yaml_gives_a_role(folder: Path):
    for name, role in (("dan", "train"), ("eli", "source")):
        (folder / name).mkdir()
        (folder / name / "identity.yaml").write_text(f"role: {role}\n")
    who = layout.cast(params(), folder)
    assert who.initialise["default"] == ("bea", "cyd", "dan")
    assert who.targets == ("ann",)
    assert layout.cast(params(roles={"eli": "target"}), folder).targets == ("ann", "eli")


def test_params_go_before_identity_yaml_with_a_warning(folder: Path):
    (folder / "bea/identity.yaml").write_text("role: source\n")
    who = layout.cast(params(), folder)
    assert who.roles["bea"] == "train"
    assert "bea" in who.warnings[0]


def test_someone_can_be_a_target_of_another_fold(folder: Path):
    folds = {"other": {"initialise": ["ann"], "targets": ["bea"]}}
    who = layout.cast(params(folds=folds), folder)
    assert who.fold_of == {"ann": "default", "bea": "other"}
    assert who.roles["bea"] == "target"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"roles": {"ann": "source"}}, "makes ann a source"),
        ({"roles": {"bea": "target"}}, "bea is a target of the fold default"),
        ({"folds": {"default": {"initialise": ["zoe"], "targets": ["ann"]}}}, "nobody in .* initialisation set"),
    ],
)
def test_contradictions_are_the_users_mistakes(folder: Path, change, message):
    with pytest.raises(UserError, match=message) as error:
        layout.cast(params(**change), folder)
    assert error.value.remedy


def test_nobody_there(tmp_path: Path):
    with pytest.raises(UserError, match="no person") as error:
        layout.cast(params(), tmp_path / "none")
    assert "h2h clips" in error.value.remedy


@pytest.mark.parametrize("name", ["with space", "ümlaut", "a.b", "-dash", "x" * 65])
def test_unusable_folder_names_are_reported_and_left_out(folder: Path, name: str):
    (folder / name).mkdir()
    who = layout.cast(params(), folder)
    assert who.people == ("ann", "bea", "cyd")
    assert name in who.problems and "rename" in who.problems[name]


def test_hidden_entries_and_loose_files(folder: Path):
    (folder / ".hidden").mkdir()
    (folder / "README.md").write_text("")
    (folder / "loose.mp4").write_bytes(b"")
    who = layout.cast(params(), folder)
    assert list(who.problems) == ["loose.mp4"]


def test_a_listed_person_without_a_folder_is_left_out_with_a_warning(folder: Path):
    (folder / "cyd").rmdir()
    who = layout.cast(params(), folder)
    assert who.initialise["default"] == ("bea",)
    assert any("cyd" in line for line in who.warnings)
