import subprocess
import sys

import pytest

from h2h.cli import COMMANDS
from h2h.stages import STAGES


def h2h(*arguments, cwd):
    return subprocess.run([sys.executable, "-m", "h2h.cli", *arguments], capture_output=True, text=True, cwd=cwd)


def test_help_lists_everything_without_loading_torch(in_project):
    code = "import sys; sys.argv=['h2h','--help']\nimport h2h.cli\ntry: h2h.cli.main()\nexcept SystemExit: pass\n"
    result = subprocess.run(
        [sys.executable, "-c", code + "assert 'torch' not in sys.modules"], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    for name in (*STAGES, *COMMANDS):
        assert name in result.stdout


@pytest.mark.parametrize("name", ["frames", "cache", "tables", *COMMANDS])
def test_every_command_explains_itself(in_project, name):
    result = h2h(*name.split(), "--help", cwd=in_project)
    assert result.returncode == 0 and "Usage" in result.stdout and len(result.stdout) > 150


def test_the_help_of_a_stage_names_the_commands_that_begin_with_its_name(in_project):
    shown = " ".join(h2h("flow", "--help", cwd=in_project).stdout.split())
    for name in ("flow check", "flow generate"):
        assert f"h2h {name}: {COMMANDS[name]}" in shown
    assert "Commands for people" not in h2h("nmfc", "--help", cwd=in_project).stdout


def test_control_characters_of_a_name_do_not_reach_the_terminal(in_project):
    result = h2h("flow", "check", "\x1b[31mred", cwd=in_project)
    assert result.returncode == 2 and "Error: \\x1b[31mred is not a folder\n  What to do" in result.stderr


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "émile", ".hidden", ""])
def test_hostile_names_are_refused_without_a_traceback(in_project, tmp_path, name):
    result = h2h("frames", f"--name={name}", f"--videos={tmp_path}", f"--output={tmp_path}/o.h5", cwd=in_project)
    assert result.returncode == 2
    assert "usable name" in result.stderr and "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_parameter_is_named(in_project, tmp_path):
    cfg = '{"frames": {"fps": "fast"}}'
    result = h2h(
        "frames", "--name=a", f"--videos={tmp_path}", f"--output={tmp_path}/o.h5", f"--cfg={cfg}", cwd=in_project
    )
    assert result.returncode == 2 and "frames" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(("cfg", "message"), [("{", "--cfg is no JSON"), ("[]", "--cfg is no mapping")])
def test_what_is_no_parameters_is_told(in_project, tmp_path, cfg, message):
    result = h2h(
        "frames", "--name=a", f"--videos={tmp_path}", f"--output={tmp_path}/o.h5", f"--cfg={cfg}", cwd=in_project
    )
    assert result.returncode == 2 and message in result.stderr and "Traceback" not in result.stderr


def test_an_input_that_a_stage_needs_is_asked_for(in_project, tmp_path):
    result = h2h("evaluate", "--name=ours.a", f"--output={tmp_path}/o.h5", cwd=in_project)
    assert result.returncode == 2 and "Missing option '--synthesized'" in result.stderr


def test_a_table_that_is_not_there_is_told(in_project, tmp_path):
    result = h2h("metrics", f"--output={tmp_path}/o.json", f"{tmp_path}/no.csv", cwd=in_project)
    assert result.returncode == 2 and "no.csv' does not exist" in result.stderr


def test_outside_the_project_the_remedy_is_to_go_there(tmp_path):
    result = h2h("plan", cwd=tmp_path)
    assert result.returncode == 2 and "go to the project's folder" in result.stderr


def test_doctor_says_where_missing_weights_go(in_project):
    result = h2h("doctor", cwd=in_project)
    assert result.returncode == 0
    for word in ("Processor", "GPU", "vggface2", "79999_iter.pth", "arcface.onnx", "meanwhile"):
        assert word in result.stdout
