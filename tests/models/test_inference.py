import pytest
import torch

from h2h.models.generator import Generator
from h2h.models.inference import Renderer
from h2h.models.sequence import generate


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    return Generator(6, 8, 2, 1, 1, None).eval()


def film(network):
    conditions = torch.rand(6, 6, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return [torch.stack(part) for part in zip(*generate(network, conditions), strict=True)]


def test_float32_gives_the_same_film(generator):
    for ours, plain in zip(film(Renderer(generator)), film(generator), strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-3, atol=1e-4)


def test_bfloat16_is_close(generator):
    for ours, plain in zip(film(Renderer(generator, torch.bfloat16)), film(generator), strict=True):
        assert ours.dtype == torch.float32
        error = (ours - plain).abs().flatten(1).mean(1)
        assert error[0] < 0.01 and error.max() < 0.06  # of [-1, 1]; fresh weights feed errors back


def test_the_generator_is_left_alone(generator):
    before = {key: value.clone() for key, value in generator.state_dict().items()}
    Renderer(generator, torch.bfloat16)
    for key, value in generator.state_dict().items():
        assert value.dtype == torch.float32 and torch.equal(value, before[key])


def test_without_history():
    torch.manual_seed(0)
    network = Generator(6, 8, 2, 1, 1, None, condition_frames=1, history_frames=0).eval()
    for ours, plain in zip(film(Renderer(network)), film(network), strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-3, atol=1e-4)
