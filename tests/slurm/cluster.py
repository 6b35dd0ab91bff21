"""A Slurm of Debian's packages on this machine alone: private folder, ports and keys; several nodes that share it.

It needs `apt-get install slurm-wlm munge`, no systemd, and nothing of a Slurm that may be there already.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol")
SECONDS = 300  # until all nodes are there; the machine may be busy
CONFIGURATION = """\
ClusterName=h2h
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobs.txt
GresTypes=gpu
MinJobAge=3600
SlurmdTimeout=3600
MessageTimeout=100
SlurmdParameters=config_overrides
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE OverSubscribe=NO State=UP
"""
NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cores} CoresPerSocket={cores} Sockets=1 "
    "ThreadsPerCore=1 RealMemory={memory} Gres=gpu:1 State=UNKNOWN"
)


def lacking() -> list[str]:
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def free_ports(count: int) -> list[int]:
    """TCP ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def configure(folder: Path, nodes: int, cores: int, memory: int) -> list[str]:
    """Write slurm.conf and gres.conf; a node's GPU is a file that nothing opens. Returns the nodes' names.

    `memory`: MB of each node.
    """
    host, names = socket.gethostname(), [f"h2h{number}" for number in range(nodes)]
    first, *ports = free_ports(nodes + 1)
    lines = [
        NODE.format(name=name, host=host, port=port, cores=cores, memory=memory)
        for name, port in zip(names, ports, strict=True)
    ]
    text = CONFIGURATION.format(host=host, port=first, user=getpass.getuser(), folder=folder, nodes="\n".join(lines))
    (folder / "state").mkdir(parents=True)
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    (folder / "gres.conf").write_text(
        "".join(f"NodeName={name} Name=gpu File=/dev/null\n" for name in names), encoding="utf-8"
    )
    return names


@contextlib.contextmanager
def cluster(folder: Path, nodes: int = 2, cores: int = 8, memory: int = 20000) -> Iterator[dict[str, str]]:
    """Run a cluster, whose nodes may claim more cores than there are. At the end all of it is gone.

    Gives the environment in which `sbatch` and `squeue` find it.
    """
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    names = configure(folder, nodes, cores, memory)
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}
    munge = [f"--{what}-file={folder}/munge.{what}" for what in ("key", "pid", "log", "seed")]
    with contextlib.ExitStack() as stack:

        def start(*command: str) -> None:
            out = stack.enter_context(open(folder / f"{command[0]}.out", "a", encoding="utf-8"))
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
            stack.callback(end, process)

        start("munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *munge)
        wait_for(lambda: (folder / "munge.socket").exists(), "munged")
        start("slurmctld", "-D")
        for name in names:
            (folder / name).mkdir()
            start("slurmd", "-D", "-N", name)
        wait_for(lambda: idle(environment) == nodes, "the nodes")
        try:
            yield environment
        finally:
            subprocess.run(["scancel", "--user", getpass.getuser()], env=environment, check=False)
            time.sleep(2)


def idle(environment: dict[str, str]) -> int:
    """How many nodes wait for work."""
    command = ["sinfo", "--noheader", "--Node", "--states=idle", "--format=%N"]
    return len(subprocess.run(command, env=environment, capture_output=True, text=True).stdout.split())


def wait_for(holds, what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not start within {SECONDS} s")
        time.sleep(0.5)


def end(process: subprocess.Popen) -> None:
    """End a daemon that was started here."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
