"""dvc.yaml names all the code that a stage runs, and the parameters that it reads."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from h2h import provenance
from h2h.config import load_params
from h2h.errors import UserError
from h2h.stages import STAGES

# what any job runs, whatever its stage: changing it does not change a result
GLUE = {"h2h/__init__.py", "h2h/errors.py", "h2h/stages/__init__.py"} | {
    f"h2h/io/{name}.py" for name in ("atomic", "cards", "machine", "threads")
}


def _imported(file: Path) -> Iterator[Path]:
    """Modules of the package that a file imports, at its top or inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.split(".")[0] == "h2h":
                path = Path(*name.split("."))
                yield from (p for p in (path.with_suffix(".py"), path / "__init__.py") if p.exists())


def _all_imported(file: Path) -> set[str]:
    seen, todo = set(), [file]
    while todo:
        if (current := todo.pop()) not in seen:
            seen.add(current)
            todo += [path for path in _imported(current) if "config" not in path.parts]
    with_code = {path.as_posix() for path in seen if ast.parse(path.read_text(encoding="utf-8")).body[1:]}
    return with_code - GLUE  # a package's __init__.py with nothing but a docstring does not count


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_names_all_code_of_a_stage(stage: str, at_root: None):
    named = provenance.code_deps(stage)
    lacking = [
        path
        for path in sorted(_all_imported(Path(f"h2h/stages/{stage}.py")))
        if not any(path == dep or path.startswith(dep + "/") for dep in named)
    ]
    assert not lacking, f"dvc.yaml: add to the deps of {stage}: {lacking}"


def test_every_stage_is_a_dvc_stage_with_existing_code(at_root: None):
    assert set(STAGES) <= set(provenance.stages())
    for stage in STAGES:
        assert f"h2h/stages/{stage}.py" in provenance.code_deps(stage)
        assert all(Path(dep).exists() for dep in provenance.code_deps(stage))


def test_dvc_plots_every_table_that_all_makes(at_root: None):
    from h2h import layout
    from h2h.config import read_yaml

    plotted = [next(iter(plot)) for plot in read_yaml(Path("dvc.yaml"))["plots"]]
    assert plotted == [f"${{profile.reports}}/tables/{table}.csv" for table in layout.tables(load_params())]


def test_stage_params_hold_exactly_the_listed_sections(at_root: None):
    values = load_params().model_dump(mode="json")
    found = json.loads(provenance.stage_params("nmfc", values)["cfg"])
    assert found == {"nmfc": values["nmfc"], "image": values["image"]}
    assert "compute" not in {key for stage in STAGES for key in provenance.stages()[stage].get("params", [])}
    changed = {**values, "flow": {**values["flow"], "preset": "fast"}}
    assert provenance.stage_params("nmfc", changed) == provenance.stage_params("nmfc", values)
    assert provenance.stage_params("flow", changed) != provenance.stage_params("flow", values)


def test_whose_flow_is_wanted_does_not_change_the_networks(at_root: None):
    """It decides whether they are trained: DVC compares it, a job does not read it."""
    values = load_params().model_dump(mode="json")
    changed = {**values, "flow": {**values["flow"], "method": "flownet2", "network": "original"}}
    for stage in ("flow_data", "flow_pretrain", "flow_finetune"):
        assert {"flow.method", "flow.network"} <= set(provenance.stages()[stage]["params"])
        assert provenance.stage_params(stage, changed) == provenance.stage_params(stage, values)


def test_upstream_is_transitive(at_root: None):
    assert set(provenance.upstream("nmfc")) == {"frames", "landmarks", "head_model", "tracking"}
    assert provenance.upstream("frames") == ()


def test_code_digest_sees_contents_and_names(folder: Path):
    (folder / "a.py").write_text("x = 1\n")
    first = provenance.code_digest(("a.py",))
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/a.pyc").write_bytes(b"cache")
    provenance.code_digest.cache_clear()
    assert provenance.code_digest((".",)) == provenance.code_digest(("./",))
    (folder / "a.py").write_text("x = 2\n")
    provenance.code_digest.cache_clear()
    assert provenance.code_digest(("a.py",)) != first
    with pytest.raises(UserError, match=r"gone\.py"):
        provenance.code_digest(("gone.py",))
