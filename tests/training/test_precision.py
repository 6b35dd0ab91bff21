import pytest
import torch

from h2h.training import precision
from h2h.training.curves import Curves
from h2h.training.divergence import Watch
from h2h.training.precision import BF16, FP16, FP32, choose_precision, resumed_precision
from h2h.training.resume import Snapshot

CPU = torch.device("cpu")


def test_what_is_asked_for_is_taken(monkeypatch):
    monkeypatch.setattr(precision, "step_seconds", lambda *_: pytest.fail("nothing to measure"))
    assert choose_precision("fp32", CPU) is FP32 and choose_precision("bf16", CPU) is BF16
    assert choose_precision("fp16", CPU) is FP16


@pytest.mark.parametrize("seconds, wanted", [(0.5, BF16), (0.95, FP32), (2.0, FP32)])
def test_auto_takes_bf16_only_where_it_is_clearly_quicker(monkeypatch, seconds, wanted):
    monkeypatch.setattr(precision, "hardware_bf16", lambda _: None)
    monkeypatch.setattr(precision, "step_seconds", lambda *_: {"bf16": seconds, "fp32": 1.0})
    assert choose_precision("auto", CPU) is wanted


@pytest.mark.parametrize("support, wanted", [(True, BF16), (False, FP32)])
def test_where_the_hardware_tells_nothing_is_measured(monkeypatch, support, wanted):
    """So that the same seed gives the same result however busy the machine is."""
    monkeypatch.setattr(precision, "hardware_bf16", lambda _: support)
    monkeypatch.setattr(precision, "step_seconds", lambda *_: pytest.fail("nothing to measure"))
    assert choose_precision("auto", CPU) is wanted


@pytest.mark.parametrize(
    "flags, known", [("sse2 amx_bf16 avx512_bf16", True), ("avx512_bf16", None), ("asimd bf16", None), ("avx2", False)]
)
def test_what_the_processor_says(tmp_path, flags, known):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : fpu {flags}\n")
    assert precision.hardware_bf16(CPU, tmp_path / "cpuinfo") is known
    assert precision.hardware_bf16(CPU, tmp_path / "none") is None


def test_the_measurement_runs_and_leaves_the_random_state_alone():
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    seconds = precision.step_seconds((FP32, BF16), CPU, size=32, filters=4)
    assert set(seconds) == {"fp32", "bf16"} and min(seconds.values()) > 0
    assert torch.equal(torch.rand(1), wanted)


@pytest.mark.parametrize("seconds, wanted", [(0.5, FP16), (0.95, FP32)])
def test_a_gpu_without_bf16_takes_fp16_where_it_is_quicker(monkeypatch, seconds, wanted):
    """The papers' own GPUs are such."""
    monkeypatch.setattr(precision, "hardware_bf16", lambda _: False)
    monkeypatch.setattr(
        precision, "step_seconds", lambda kinds, _: {kind.name: s for kind, s in zip(kinds, (1, seconds), strict=True)}
    )
    assert choose_precision("auto", torch.device("cuda")) is wanted


class Nothing:
    def state(self):
        return {"network": {"weight": torch.zeros(2)}}

    def load(self, groups):
        pass


def test_a_resumed_training_goes_on_in_its_precision(tmp_path, monkeypatch):
    """A measurement beside other jobs may end otherwise, and the weights would be others."""
    monkeypatch.setattr(precision, "hardware_bf16", lambda _: None)
    measured = {"bf16": 0.5, "fp32": 1.0}
    monkeypatch.setattr(precision, "step_seconds", lambda *_: measured)
    begun = Snapshot(tmp_path / ".resume.safetensors", "mark")
    assert resumed_precision(begun, "auto", CPU) is BF16
    begun.save(Nothing(), 3, Curves(), Watch())
    measured["bf16"] = 2.0
    for mark, wanted in (("mark", BF16), ("another training", FP32)):
        assert resumed_precision(Snapshot(tmp_path / ".resume.safetensors", mark), "auto", CPU) is wanted
    (tmp_path / ".resume.safetensors").write_bytes(b"damaged")
    assert resumed_precision(Snapshot(tmp_path / ".resume.safetensors", "mark"), "auto", CPU) is FP32
