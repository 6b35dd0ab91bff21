"""From two videos to a result: a target whom nobody has trained on is pre-processed and fine-tuned first."""

from __future__ import annotations

import sys

import numpy as np
from workflow.clips import moving, write_clip
from workflow.project import Project

from h2h.io.cards import read_card
from h2h.io.video import sampled_frames

H2H = (sys.executable, "-m", "h2h.cli")


def test_a_video_drives_somebody_new(project: Project):
    write_clip(project.path / "new one.mp4", moving(5, 90))
    command = (*H2H, "reenact", "data/identities/bea/clip.mp4", "new one.mp4", "--frames", "50")
    project.run(*command, "-o", "first.mp4")
    made = {path: path.stat().st_mtime_ns for path in (project.path / "work/people").rglob("*.json")}
    assert {"cache", "finetune", "frames"} <= {path.parent.name for path in made}
    films = (project.path / "first.mp4", project.path / "data/identities/bea/clip.mp4")
    assert len({sum(1 for _ in sampled_frames(film, 20)) for film in films}) == 1

    told = project.run(*H2H, "verify", "first.mp4").stdout
    assert "new-one" in told and "not altered" in told
    project.run(*command, "-o", "second.mp4")  # nothing is trained twice
    assert made == {path: path.stat().st_mtime_ns for path in made}
    assert project.plan("all") == {}


def test_somebody_new_with_the_flow_of_a_network(project: Project):
    """As in the papers' profile, where dense inverse search is not asked."""
    project.set("flow.method", "flownet2")
    project.set("flow.network", "original")
    write_clip(project.path / "new.mp4", moving(6, 70))
    command = (*H2H, "reenact", "data/identities/bea/clip.mp4", "new.mp4", "--frames", "50", "-o", "out.mp4")
    refused = project.run(*command, check=False)
    assert refused.returncode == 2 and "snakemake work/flow_pretrain/flownet2.json" in refused.stderr
    project.snakemake("work/flow_pretrain/flownet2.json")
    project.run(*command)
    (flow,) = (project.path / "work/people").glob("*/flow/new.h5")
    assert read_card(flow)["summary"]["network"] == "original"
    assert (project.path / "out.mp4").stat().st_size > 0


def test_a_video_without_a_face_is_refused_by_name(project: Project):
    write_clip(project.path / "nobody.mp4", np.full((60, 64, 64, 3), 90, np.uint8))
    done = project.run(*H2H, "reenact", "data/identities/bea/clip.mp4", "nobody.mp4", "-o", "no.mp4", check=False)
    assert done.returncode == 2 and "nobody" in done.stderr and "Traceback" not in done.stderr
    assert not (project.path / "no.mp4").exists()
