"""A training that was killed goes on as if nothing had happened."""

import errno
import subprocess
import time

import pytest
import torch
from interrupted import command, people
from test_stages import sections
from test_step import make
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from h2h.errors import UserError
from h2h.io import checkpoint
from h2h.io.cards import read_card
from h2h.io.checkpoint import load_checkpoint, save_checkpoint
from h2h.io.resume_file import resume_file
from h2h.stages.runner import run_stage
from h2h.training.curves import Curves
from h2h.training.divergence import Diverged, Watch
from h2h.training.loop import train
from h2h.training.optimisers import BETAS, step
from h2h.training.resume import Snapshot, fingerprint, load_optimiser, optimiser_state
from h2h.training.schedule import Schedule
from h2h.training.step import Trainer

OPTIONS = {"batch": 2, "seed": 3, "embedding_frames": 2, "augment": 0.05}


class Killed(Exception):
    pass


def averaging():
    trainer = make()
    trainer.average = AveragedModel(trainer.networks.generator, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    return trainer


def test_interrupted_training_equals_the_uninterrupted_one(tmp_path, monkeypatch):
    crowd, schedule = people(tmp_path), Schedule(((5, 4),), 4, 0.5)
    straight = averaging()
    curves = train(straight, crowd, schedule, **OPTIONS)
    snapshot = Snapshot(tmp_path / ".resume.safetensors", "mark")
    broken = averaging()
    clip, calls = broken.clip, []

    def dies(*args):
        calls.append(1)
        if len(calls) == 4:
            raise Killed
        return clip(*args)

    monkeypatch.setattr(broken, "clip", dies)
    with pytest.raises(Killed):
        train(broken, crowd, schedule, snapshot=snapshot, snapshot_seconds=0, **OPTIONS)
    torch.manual_seed(99)
    again = averaging()
    for net in again.networks.items().values():
        for p in net.parameters():
            p.data.add_(1.0)  # whatever it starts from, the snapshot counts
    resumed = train(again, crowd, schedule, snapshot=snapshot, **OPTIONS)
    assert resumed == curves
    for name, state in straight.networks.state().items():
        for key, value in state.items():
            assert torch.equal(value, again.networks.state()[name][key]), f"{name}.{key}"
    for key, value in straight.average.state_dict().items():
        assert torch.equal(value, again.average.state_dict()[key]), key
    assert not torch.equal(straight.generator().output.weight, straight.networks.generator.output.weight)


def test_an_optimiser_goes_on_from_a_file_whatever_the_order_of_its_weights_in_memory(tmp_path):
    """Trainings keep their weights channels last; files keep everything in the plain order."""
    torch.manual_seed(0)
    weight = torch.randn(8, 6, 3, 3).to(memory_format=torch.channels_last)
    gradients = [torch.randn(8, 6, 3, 3).to(memory_format=torch.channels_last) for _ in range(4)]

    def optimiser_of(tensor):
        parameter = torch.nn.Parameter(tensor.detach().clone())
        return parameter, torch.optim.Adam([parameter], 1e-2, BETAS, fused=True)

    straight, own = optimiser_of(weight)
    for gradient in gradients[:2]:
        step(own, [gradient])
    save_checkpoint(tmp_path / "state", {"adam": optimiser_state(own)}, {})
    resumed, other = optimiser_of(straight)
    load_optimiser(other, load_checkpoint(tmp_path / "state")[0]["adam"])
    for gradient in gradients[2:]:
        step(own, [gradient])
        step(other, [gradient])
    assert torch.equal(resumed, straight)


def test_snapshot_of_another_training_is_not_used(tmp_path):
    trainer = make()
    path = tmp_path / ".resume.safetensors"
    from h2h.training.curves import Curves

    Snapshot(path, "one").save(trainer, 7, Curves(), Watch())
    assert Snapshot(path, "one").restore(trainer)[0] == 7
    assert Snapshot(path, "two").restore(trainer)[0] == 0
    path.write_bytes(path.read_bytes()[:100])  # a damaged file is no obstacle either
    assert Snapshot(path, "one").restore(trainer)[0] == 0
    path.unlink()
    assert Snapshot(path, "one").restore(trainer)[0] == 0


def test_a_diverged_training_names_its_last_good_state(tmp_path, monkeypatch):
    crowd, schedule = people(tmp_path), Schedule(((30, 4),), 4, 0.5)
    snapshot = Snapshot(tmp_path / ".resume.safetensors", "mark")
    trainer, clips = make(), []

    def explodes(*args):
        clips.append(1)
        return {"mask": 1.0 if len(clips) <= 8 else 100.0}

    monkeypatch.setattr(trainer, "clip", explodes)
    with pytest.raises(Diverged, match=r"grown 20-fold; the last good state, after clip 8, is .*resume") as error:
        train(trainer, crowd, schedule, **OPTIONS, snapshot=snapshot, snapshot_seconds=0)
    assert "lower lr_generator" in error.value.remedy and len(clips) == 13
    assert snapshot.path.exists() and snapshot.clip() == 8

    monkeypatch.undo()
    for parameter in trainer.networks.generator.parameters():
        parameter.data.fill_(float("nan"))
    monkeypatch.setattr(snapshot, "restore", lambda trainer: (8, Curves(), Watch()))
    with pytest.raises(Diverged, match="without finite gradients; the last good state, after clip 8"):
        train(trainer, crowd, schedule, **OPTIONS, snapshot=snapshot, snapshot_seconds=0)


def test_a_training_without_finite_gradients_ends_whatever_the_embedder_does(tmp_path):
    """Before the discriminators start the embedder steps on its matching loss alone, which stays sound."""
    trainer = make()
    for parameter in trainer.networks.generator.parameters():
        parameter.data.fill_(float("nan"))
    with pytest.raises(Diverged, match="without finite gradients"):
        train(trainer, people(tmp_path), Schedule(((40, 4),), 4, 0.5, warmup_fraction=1.0), **OPTIONS)


def test_weights_that_are_not_finite_are_no_result(tmp_path, monkeypatch):
    """The last step can do that, too."""
    trainer, snapshot = make(), Snapshot(tmp_path / ".resume.safetensors", "mark")
    clip, calls = trainer.clip, []

    def spoils(*args):
        values = clip(*args)
        calls.append(1)
        if len(calls) == 3:
            next(trainer.networks.generator.parameters()).data.fill_(float("inf"))
        return values

    monkeypatch.setattr(trainer, "clip", spoils)
    with pytest.raises(Diverged, match="weights are not finite"):
        train(trainer, people(tmp_path), Schedule(((3, 4),), 4, 0.5), **OPTIONS, snapshot=snapshot)
    assert not snapshot.path.exists()


def test_a_training_whose_result_could_not_be_written_is_not_lost(tmp_path, monkeypatch):
    people(tmp_path)
    undisturbed, output = tmp_path / "undisturbed/ours.default.safetensors", tmp_path / "p/ours.default.safetensors"
    inputs = {"caches": [tmp_path / "a.h5", tmp_path / "b.h5"]}
    assert run_stage("pretrain", "ours.default", undisturbed, sections(epochs=2), inputs)
    write = checkpoint.save_checkpoint

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_checkpoint", full)  # the stage's; the snapshot's is another name
    with pytest.raises(UserError, match="no space is left"):
        run_stage("pretrain", "ours.default", output, sections(epochs=2), inputs)
    assert resume_file(output, "ours.default").exists() and not output.exists()
    monkeypatch.setattr(checkpoint, "save_checkpoint", write)
    monkeypatch.setattr(Trainer, "clip", None)  # nothing is trained again
    assert run_stage("pretrain", "ours.default", output, sections(epochs=2), inputs)
    assert output.read_bytes() == undisturbed.read_bytes() and not resume_file(output, "ours.default").exists()


def test_fingerprint_depends_on_every_value():
    assert fingerprint({"a": 1, "b": [2.0]}) == fingerprint({"b": [2.0], "a": 1}) != fingerprint({"a": 1, "b": [2.1]})


def test_checkpoints_are_the_same_bytes_and_no_pickle(tmp_path):
    groups = {"generator": {"a.weight": torch.randn(2, 3)}, "image": {"w": torch.arange(3)}}
    for name in ("one", "two"):
        save_checkpoint(tmp_path / name, groups, {"method": "ours", "size": 128})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    loaded, metadata = load_checkpoint(tmp_path / "one")
    assert metadata == {"method": "ours", "size": 128}
    assert torch.equal(loaded["generator"]["a.weight"], groups["generator"]["a.weight"])
    assert torch.equal(loaded["image"]["w"], groups["image"]["w"])


def test_foreign_files_are_refused(tmp_path):
    from safetensors.torch import save_file

    torch.save({"x": torch.zeros(1)}, tmp_path / "pickle.safetensors")
    save_file({"x": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    for name in ("pickle", "foreign", "missing"):
        with pytest.raises(UserError, match=name):
            load_checkpoint(tmp_path / f"{name}.safetensors")


def test_kill_9_and_the_same_command_again(tmp_path):
    """It ends, and with the bytes of a training that nobody killed."""
    people(tmp_path)
    undisturbed, caches = tmp_path / "undisturbed/ours.default.safetensors", [tmp_path / "a.h5", tmp_path / "b.h5"]
    assert run_stage("pretrain", "ours.default", undisturbed, sections(epochs=8), {"caches": caches})
    snapshot = tmp_path / "pretrain" / ".resume-ours.default.safetensors"
    done = tmp_path / "pretrain" / "ours.default.json"
    first = subprocess.Popen(command(tmp_path), stderr=subprocess.DEVNULL)
    while not snapshot.exists() and first.poll() is None:
        time.sleep(0.05)
    first.kill()
    first.wait()
    assert snapshot.exists() and not done.exists()
    second = subprocess.run(command(tmp_path), capture_output=True, text=True, check=True)
    assert "going on after clip" in second.stderr
    assert done.exists() and not snapshot.exists()
    assert [p.name for p in done.parent.glob(".tmp-*")] == []
    assert done.with_suffix(".safetensors").read_bytes() == undisturbed.read_bytes()
    curves, wanted = (read_card(path)["summary"]["curves"] for path in (done.with_suffix(".safetensors"), undisturbed))
    assert curves == wanted
