"""The command lines that share a training between processes; tests/slurm runs them on two nodes."""

import pytest
from torch.distributed.run import parse_args

from h2h.errors import UserError
from h2h.io import slurm
from h2h.stages.processes import launch


def test_one_machine():
    command = launch(4, 1, ["pretrain", "--name", "a b"], "", "here")
    assert "--standalone" in command and "--nproc-per-node=4" in command and "srun" not in command
    assert command[-5:] == ["--", "h2h.cli", "pretrain", "--name", "a b"]


@pytest.mark.parametrize("nodes", [1, 2])
def test_torchrun_leaves_the_programs_options_alone(nodes):
    """Snakemake passes `--log`, which torchrun would take for a beginning of several options of its own."""
    arguments = ["pretrain", "--name", "ours.default", "--caches=a b.h5", "--cfg", "{}", "--log", "logs/x.log"]
    command = launch(4, nodes, arguments, "12", "here")
    found = parse_args(command[command.index("torch.distributed.run") + 1 :])
    assert found.module and found.training_script == "h2h.cli" and found.training_script_args == arguments
    assert found.nproc_per_node == str(4 // nodes)


def test_two_machines_meet_at_the_first():
    command = launch(8, 2, ["pretrain"], "1234", "node7")
    assert command[:4] == ["srun", "--nodes=2", "--ntasks=2", "--ntasks-per-node=1"]
    own = command[command.index("torch.distributed.run") :]
    assert {"--nnodes=2", "--nproc-per-node=4", "--rdzv-backend=c10d", "--rdzv-id=1234"} < set(own)
    assert "--rdzv-endpoint=node7:29734" in own and "--standalone" not in own


def test_processes_that_machines_cannot_share():
    with pytest.raises(UserError, match="3, which 2 machines cannot share"):
        launch(3, 2, [], "1", "here")


def test_ports_differ_between_jobs_and_can_be_listened_on():
    ports = {slurm.meeting_port(str(job)) for job in range(5000)}
    assert len(ports) == slurm.PORTS and min(ports) > 1023 and max(ports) < 32768
    assert slurm.meeting_port("12_3") == slurm.FIRST_PORT


def test_how_many_machines(monkeypatch):
    for name in ("SLURM_JOB_ID", "SLURM_JOB_NUM_NODES"):
        monkeypatch.delenv(name, raising=False)
    assert slurm.allocated_nodes() == 1
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("PATH", "")  # no squeue to ask
    with pytest.raises(UserError, match="on how many machines"):
        slurm.allocated_nodes()
    monkeypatch.setenv("SLURM_JOB_NUM_NODES", "3")
    assert slurm.allocated_nodes() == 3
