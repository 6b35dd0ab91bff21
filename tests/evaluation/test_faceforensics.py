"""The published file's format, written by classes of its names, and read without them."""

import os
import sys
import types

import numpy as np
import pytest
import torch
from torch import nn

from h2h.errors import UserError
from h2h.evaluation.faceforensics import faceforensics
from h2h.io.pickled_module import read_pickled_module
from h2h.models.xception import Block, Separable, Xception


class Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Xception(middle=1)


@pytest.fixture
def published(network, tmp_path, monkeypatch):
    """As `torch.save(model)` of the project wrote it: TransferModel with the Xception as `model`."""
    for name, classes in {
        "network": {}, "network.models": {"TransferModel": nn.Module},
        "network.xception": {"Xception": nn.Module, "Block": nn.Module, "SeparableConv2d": nn.Module},
    }.items():  # fmt: skip
        module = types.ModuleType(name)
        for key, base in classes.items():
            setattr(module, key, type(key, (base,), {"__module__": name}))
        monkeypatch.setitem(sys.modules, name, module)
    kinds = {Block: "Block", Separable: "SeparableConv2d"}

    def as_published(part):
        kind = kinds.get(type(part))
        copy = getattr(sys.modules["network.xception"], kind)() if kind else part
        if kind:
            for key, inner in part.named_children():
                copy.add_module(key, as_published(inner))
        elif isinstance(part, nn.Sequential):
            copy = nn.Sequential(*[as_published(inner) for inner in part])
        return copy

    model = sys.modules["network.xception"].Xception()
    for key, part in network.named_children():
        model.add_module(key, nn.Sequential(nn.Dropout(0.5), part) if key == "last_linear" else as_published(part))
    whole = sys.modules["network.models"].TransferModel()
    whole.model = model

    def write(name, legacy=True, content=whole):
        torch.save(content, tmp_path / name, _use_new_zipfile_serialization=not legacy)
        return tmp_path / name

    return write


@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
@pytest.mark.parametrize("legacy", [True, False])
def test_a_module_pickled_whole_judges_as_the_network_does(published, network, legacy):
    path = published("full_c23.p", legacy)
    crops = np.random.default_rng(0).integers(0, 256, (2, 299, 299, 3), dtype=np.uint8)
    found = faceforensics(path, Xception(middle=1))(crops)
    with torch.inference_mode():
        wanted = network.eval()(torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1).softmax(1)[:, 1]
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-4)
    assert faceforensics(path, Xception(middle=1))(crops[:0]).shape == (0,)


def test_other_files_are_refused(published, network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state = network.state_dict()
    lacking = {key: value for key, value in state.items() if key != "bn4.weight"}
    for content, message in (
        (lacking, "lacks bn4.weight"),
        (state | {"more": torch.ones(1)}, "has too much: more"),
        (state | {"bn4.weight": torch.ones(3)}, r"bn4.weight is \(3,\)"),
        (state | {"bn4.weight": torch.full((2048,), torch.nan)}, "no numbers"),
        (Evil(), "cannot be read"),
    ):
        with pytest.raises(UserError, match=message):
            faceforensics(published("wrong.p", content=content), Xception(middle=1))
    assert not (tmp_path / "evil").exists()
    with pytest.raises(UserError, match="no PyTorch module"):
        read_pickled_module(published("list.p", content=[1]))
    (tmp_path / "text.p").write_text("no weights")
    with pytest.raises(UserError, match="cannot be read"):
        faceforensics(tmp_path / "text.p", Xception(middle=1))


class Scripted(nn.Module):
    """Its code runs when TorchScript reads it."""

    def __init__(self, target):
        super().__init__()
        self.target: str = target

    @torch.jit.export
    def __getstate__(self) -> tuple[str, bool]:
        return self.target, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[str, bool]) -> None:
        self.target = state[0]
        self.training = state[1]
        torch.save(torch.ones(1), self.target)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*looks like a TorchScript archive")
def test_a_scripted_module_is_refused_and_not_run(tmp_path):
    torch.jit.save(torch.jit.script(Scripted(str(tmp_path / "evil"))), tmp_path / "full_c23.p")
    with pytest.raises(UserError, match="TorchScript"):
        faceforensics(tmp_path / "full_c23.p", Xception(middle=1))
    assert not (tmp_path / "evil").exists()


def test_the_published_size():
    """Chollet's 22 855 952 parameters with two classes in the place of ImageNet's thousand."""
    with torch.device("meta"):
        whole = Xception()
    assert sum(p.numel() for p in whole.parameters()) == 22_855_952 - 998 * (2048 + 1)
