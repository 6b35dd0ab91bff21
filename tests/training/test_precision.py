import pytest
import torch

from h2h.training import precision
from h2h.training.precision import BF16, FP32, choose_precision

CPU = torch.device("cpu")


def test_what_is_asked_for_is_taken(monkeypatch):
    monkeypatch.setattr(precision, "step_seconds", lambda *_: pytest.fail("nothing to measure"))
    assert choose_precision("fp32", CPU) is FP32 and choose_precision("bf16", CPU) is BF16


@pytest.mark.parametrize("seconds, wanted", [(0.5, BF16), (0.95, FP32), (2.0, FP32)])
def test_auto_takes_bf16_only_where_it_is_clearly_quicker(monkeypatch, seconds, wanted):
    monkeypatch.setattr(precision, "_hardware_bf16", lambda _: True)
    monkeypatch.setattr(precision, "step_seconds", lambda p, _: {"bf16": seconds, "fp32": 1.0}[p.name])
    assert choose_precision("auto", CPU) is wanted


def test_without_hardware_support_nothing_is_measured(monkeypatch):
    monkeypatch.setattr(precision, "_hardware_bf16", lambda _: False)
    monkeypatch.setattr(precision, "step_seconds", lambda *_: pytest.fail("nothing to measure"))
    assert choose_precision("auto", CPU) is FP32


def test_the_measurement_runs_and_leaves_the_random_state_alone():
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    assert precision.step_seconds(BF16, CPU, size=32, filters=4) > 0
    assert torch.equal(torch.rand(1), wanted)
