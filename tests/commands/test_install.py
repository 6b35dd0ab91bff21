import shutil

import pytest
import yaml

from h2h.commands.install import name_in_params
from h2h.config import read_yaml
from h2h.errors import UserError


def test_one_line_of_params_changes(in_project, tmp_path):
    path = tmp_path / "params.yaml"
    shutil.copy(in_project / "params.yaml", path)
    before = path.read_text().splitlines()
    for value in ("models/ours-0123456789ab.h2hinit", "models/other-0.h2hinit"):
        name_in_params(value, path)
        after = path.read_text().splitlines()
        changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        assert len(changed) == 1 and changed[0][1].startswith(f"  imported: {value}") and "#" in changed[0][1]
        assert read_yaml(path)["pretrain"]["imported"] == value


def test_a_line_without_a_value(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("pretrain:\n  imported:   # a bundle\n  epochs: 1\n")
    name_in_params("models/a.h2hinit", path)
    assert path.read_text() == "pretrain:\n  imported: models/a.h2hinit   # a bundle\n  epochs: 1\n"


@pytest.mark.parametrize(
    "text",
    ["pretrain: {imported: null}\n", "other:\n  imported: null\npretrain:\n  imported: null\n", "pretrain: {}\n"],
)
def test_otherwise_it_says_what_to_write(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        name_in_params("models/a.h2hinit", path)
    assert "imported: models/a.h2hinit" in error.value.remedy
    assert path.read_text() == text and yaml.safe_load(text)
