import os

import pytest
import torch

from h2h.errors import MissingAsset, UserError
from h2h.flow.flownet_weights import load_flownet, load_saved_flownet, save_flownet
from h2h.flow.variants import VARIANTS, build_flownet
from h2h.io.checkpoint import read_description

NARROW = 0.05


def write_official(path, state, **options):
    """As NVIDIA's files are written."""
    torch.save({"epoch": 0, "state_dict": state, "best_EPE": 1e10}, path, **options)
    return path


@pytest.fixture(scope="module")
def small():
    torch.manual_seed(0)
    return build_flownet("s", NARROW)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("zipped", [True, False])  # PyTorch before 1.6 wrote no archives, and the files are older
def test_round_trip_through_the_official_format(tmp_path, variant, zipped):
    torch.manual_seed(0)
    network = build_flownet(variant, NARROW)
    path = write_official(tmp_path / "x.pth.tar", network.state_dict(), _use_new_zipfile_serialization=zipped)
    loaded = load_flownet(path, variant, NARROW)
    x = torch.rand(1, 6, 64, 64)
    with torch.no_grad():
        for a, b in zip(loaded(x), network(x), strict=True):
            assert torch.equal(a, b)
    assert all(p.requires_grad and not p.is_meta for p in loaded.parameters())


def test_round_trip_through_our_own_format(tmp_path, small):
    path = tmp_path / "deep" / "s.safetensors"
    save_flownet(path, small, "s", NARROW, trained_on="moving shapes")
    assert load_saved_flownet(path)[1] == {"variant": "s", "width": NARROW, "enlarge": 1, "looks": 1}
    assert read_description(path) == {"variant": "s", "width": NARROW, "trained_on": "moving shapes"}
    for name, tensor in load_flownet(path, "s", NARROW).state_dict().items():
        assert torch.equal(tensor, small.state_dict()[name])
    with pytest.raises(UserError, match=r"does not fit flow_pretrain\.variant s of width 0\.5"):
        load_flownet(path, "s", 0.5)


def test_half_precision_files_become_float32(tmp_path, small):
    state = {name: t.half() for name, t in small.state_dict().items()}
    loaded = load_flownet(write_official(tmp_path / "x.pth", state), "s", NARROW)
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda s: s.pop("conv3.0.weight"), "conv3.0.weight is missing"),
        (lambda s: s.update({"conv9.0.bias": torch.zeros(1)}), "'conv9.0.bias' is unknown"),
        (lambda s: s.update({"conv1.0.bias": torch.zeros(9)}), r"conv1.0.bias is \(9,\), not \(8,\)"),
        (lambda s: s.update({"conv1.0.bias": torch.full((8,), torch.nan)}), "conv1.0.bias has numbers that are not"),
        (lambda s: s.update({"conv1.0.bias": torch.zeros(()).expand(2**40)}), "conv1.0.bias is"),
        (lambda s: s.update({"conv1.0.bias": torch.zeros(8).to_sparse()}), "no named tensors"),
        (lambda s: s.update({"conv1.0.bias": torch.zeros(8, device="meta")}), "no named tensors"),
        (lambda s: s.update({"epoch": 3}), "no named tensors"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, small, change, message):
    state = small.state_dict()
    change(state)
    with pytest.raises(UserError, match=message):
        load_flownet(write_official(tmp_path / "x.pth.tar", state), "s", NARROW)


def test_another_variant_is_refused(tmp_path, small):
    path = write_official(tmp_path / "x.pth.tar", small.state_dict())
    with pytest.raises(UserError, match=r"flow_pretrain\.variant full .* flownetc\.conv1\.0\.weight is missing.*more"):
        load_flownet(path, "full", NARROW)


class Harmful:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_nothing_in_a_file_is_run(tmp_path, small):
    path = write_official(tmp_path / "x.pth.tar", {**small.state_dict(), "more": Harmful(tmp_path / "was run")})
    with pytest.raises(UserError, match=r"x\.pth\.tar cannot be read as PyTorch weights"):
        load_flownet(path, "s", NARROW)
    assert not (tmp_path / "was run").exists()


@pytest.mark.parametrize("name", ["x.pth.tar", "x.safetensors"])
def test_a_damaged_file_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04 not quite an archive")
    with pytest.raises(UserError, match=name):
        load_flownet(tmp_path / name, "s", NARROW)


def test_a_missing_file_is_asked_for_by_name(tmp_path):
    with pytest.raises(MissingAsset) as error:
        load_flownet(tmp_path / "models" / "flow.pth", "full", 1.0)
    message = str(error.value)
    assert "FlowNet2_checkpoint.pth.tar is missing at" in message and "flow.pth (flow_pretrain.weights)" in message
    assert "flownet2-pytorch" in message and "flow_pretrain.weights: ''" in message
