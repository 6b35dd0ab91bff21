"""dvc.yaml names all the code that a stage runs; digests and records say what they should."""

from __future__ import annotations

import ast
import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from h2h import provenance
from h2h.config import load_params
from h2h.errors import UserError
from h2h.stages import STAGES

ROOT = Path(__file__).parents[1]
# what any job runs, whatever its stage: changing it does not change a result
GLUE = {"h2h/__init__.py", "h2h/errors.py", "h2h/stages/__init__.py"} | {
    f"h2h/io/{name}.py" for name in ("atomic", "cards", "machine", "threads")
}


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(ROOT)
    _forget()
    yield
    _forget()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    _forget()
    yield tmp_path
    _forget()


def _forget() -> None:
    for function in (provenance.stages, provenance.upstream, provenance.code_digest, provenance._known_contents):
        function.cache_clear()


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


def test_an_imported_model_counts_with_what_lies_beside_it(folder: Path):
    path = folder / "models" / "all_all_all.mat"
    assert provenance.imported_model("auto", str(path)) == ""
    path.parent.mkdir()
    path.write_bytes(b"one")
    assert provenance.imported_model("anny", str(path)) == ""
    first = provenance.imported_model("auto", str(path))
    (path.parent / "unrelated.pth").write_bytes(b"x")
    assert provenance.imported_model("lsfm", str(path)) == first != ""
    (path.parent / "lsfm_exp_30.dat").write_bytes(b"two")
    assert provenance.imported_model("lsfm", str(path)) != first


def test_fingerprint_follows_contents_not_times(folder: Path):
    person = folder / "ann"
    person.mkdir()
    (person / "clip.mp4").write_bytes(b"one")
    first = provenance.fingerprint("ann")
    os.utime(person / "clip.mp4", (5, 5))
    (person / "identity.yaml").write_text("role: train\n")
    (person / ".DS_Store").write_bytes(b"noise")
    assert provenance.fingerprint("ann") == first
    (person / "clip.mp4").write_bytes(b"two")
    second = provenance.fingerprint("ann")
    assert second != first
    (person / "more.mp4").write_bytes(b"")
    assert provenance.fingerprint("ann") != second


def _record(path: str, **values) -> Path:
    file = provenance.METADATA / base64.urlsafe_b64encode(path.encode()).decode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"rule": "frames", "params": ["'a'"], "starttime": 1.0, **values}))
    return file


def test_records_travel_without_times(folder: Path):
    outputs = [provenance.Outputs("work/frames")]
    card = Path("work/frames/ann.json")
    card.parent.mkdir(parents=True)
    card.write_text("{}")
    record = _record(str(card), endtime=card.stat().st_mtime)
    provenance.export_records(outputs)
    travelled = json.loads(outputs[0].records.read_text())[str(card)]
    assert travelled["params"] == ["'a'"] and "starttime" not in travelled and "endtime" not in travelled

    record.unlink()  # a clone has the artifacts and nothing else
    provenance._SEEN.unlink()
    provenance.restore_records(outputs)
    assert json.loads(record.read_text())["params"] == ["'a'"]


def test_a_replaced_folder_brings_its_own_records(folder: Path):
    outputs = [provenance.Outputs("work/frames")]
    card, other = Path("work/frames/ann.json"), Path("work/frames/bea.json")
    card.parent.mkdir(parents=True)
    for path in (card, other):
        path.write_text("{}")
        _record(str(path), endtime=path.stat().st_mtime)
    provenance.export_records(outputs)
    old = outputs[0].records.read_text()
    record = _record(str(card), params=["'b'"], endtime=card.stat().st_mtime)
    provenance.export_records(outputs)
    outputs[0].records.write_text(old)  # what `dvc checkout` of the older version does
    provenance.restore_records(outputs)
    assert json.loads(record.read_text())["params"] == ["'a'"]


def test_a_record_of_another_file_is_not_believed(folder: Path):
    outputs = [provenance.Outputs("work/frames")]
    card = Path("work/frames/ann.json")
    card.parent.mkdir(parents=True)
    card.write_text("{}")
    _record(str(card), endtime=card.stat().st_mtime)
    provenance.export_records(outputs)
    # a run that was killed before it exported made the card anew; then DVC put the old one back
    record = _record(str(card), params=["'b'"], endtime=card.stat().st_mtime + 60)
    provenance.restore_records(outputs)
    assert json.loads(record.read_text())["params"] == ["'a'"]


def test_outputs_with_other_inputs_are_aged(folder: Path):
    outputs = [provenance.Outputs("work/matting")]
    for name in ("work/frames/ann.json", "work/matting/ann.json", "work/matting/bea.json"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("{}")
    same = provenance._checksum("work/frames/ann.json")
    _record("work/matting/ann.json", input_checksums={"work/frames/ann.json": same})
    _record("work/matting/bea.json", input_checksums={"work/frames/ann.json": "sha256:0"})
    provenance.age_stale_outputs(outputs)
    assert Path("work/matting/ann.json").stat().st_mtime > 1
    assert Path("work/matting/bea.json").stat().st_mtime == 1


def test_only_the_last_run_leaves_locks_to_be_cleared(folder: Path):
    locks = provenance.STATE / "locks"
    first = provenance.claim_project()
    locks.mkdir()
    second = provenance.claim_project()
    assert locks.exists()  # the first run is alive
    first.close()
    second.close()
    provenance.claim_project().close()
    assert not locks.exists()
