import pytest
import torch

from h2h.models.generator import Generator
from h2h.models.normalisation import AdaptiveInstanceNorm, InstanceNorm


def small(embedding=16, channels=6):
    torch.manual_seed(0)
    return Generator(channels, filters=4, encoder_blocks=1, decoder_blocks=1, embedding=embedding)


def inputs(batch=2, size=32, channels=6):
    torch.manual_seed(1)
    return torch.randn(batch, 3 * channels, size, size), torch.randn(batch, 6, size, size), torch.randn(batch, 16)


def norm_layers(network):
    return [m for m in network.modules() if isinstance(m, (AdaptiveInstanceNorm, InstanceNorm))]


@pytest.mark.parametrize("channels", [3, 6])
@pytest.mark.parametrize("embedding", [16, None])
def test_shapes_and_ranges(channels, embedding):
    x, previous, h = inputs(channels=channels)
    frame, mask = small(embedding, channels)(x, previous, h)
    assert frame.shape == (2, 3, 32, 32) and mask.shape == (2, 1, 32, 32)
    assert frame.abs().max() <= 1 and 0 <= mask.min() and mask.max() <= 1


def test_every_normalisation_layer_is_adaptive():
    network = Generator(6, filters=4, encoder_blocks=5, decoder_blocks=4, embedding=16)
    layers = norm_layers(network)
    assert all(isinstance(layer, AdaptiveInstanceNorm) for layer in layers)
    # each encoder: 1 + 3 convolutions and 5 blocks of 2; decoder: 4 blocks of 2 and 3 transposed convolutions
    assert len(layers) == 2 * (4 + 10) + 8 + 3
    assert not [m for m in network.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_halvings_set_the_size_of_the_features(halvings):
    network = Generator(6, filters=4, halvings=halvings, encoder_blocks=1, decoder_blocks=1, embedding=None)
    x, previous, _ = inputs()
    features = network.condition_encoder(x, None)
    assert features.shape == (2, 4 << halvings, 32 >> halvings, 32 >> halvings)
    assert network(x, previous)[0].shape == (2, 3, 32, 32)


def test_patches_are_channels_inside_and_pixels_outside():
    """All layers see half the resolution; where a pixel is in its patch still matters, at the input and the output."""
    torch.manual_seed(0)
    network = Generator(6, 4, 2, 1, 1, None, patch=2)
    x, previous, _ = inputs()
    sizes = []
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(lambda _, __, out: sizes.append(out.shape[-1]))
    frame, mask = network(x, previous)
    assert max(sizes) == 16 and frame.shape == (2, 3, 32, 32) and mask.shape == (2, 1, 32, 32)
    moved = x.clone()
    moved[:, :, ::2, ::2] = x[:, :, 1::2, 1::2]
    assert not torch.allclose(network(moved, previous)[0], frame, atol=1e-5)
    quads = frame.detach().unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
    assert (quads - quads.mean(-1, keepdim=True)).abs().amax() > 1e-4


def test_without_previous_outputs_there_is_no_encoder_for_them():
    network = Generator(6, 4, 2, 1, 1, None, condition_frames=1, history_frames=0)
    assert network.history_encoder is None
    x = torch.randn(2, 6, 32, 32)
    frame, mask = network(x, x[:, :0])
    assert frame.shape == (2, 3, 32, 32) and mask.shape == (2, 1, 32, 32)
    with_history = Generator(6, 4, 2, 1, 1, None)
    inside = [sum(p.numel() for p in n.condition_encoder.parameters()) for n in (network, with_history)]
    assert inside[1] - inside[0] == 2 * 6 * 4 * 49  # two more conditional inputs


def test_size_is_that_of_the_release():
    with torch.device("meta"):
        network = Generator(6, filters=64, encoder_blocks=5, decoder_blocks=4, embedding=None)
    count = sum(p.numel() for p in network.parameters())
    assert abs(count / 70.8e6 - 1) < 0.01  # method.md: 70.8 M; ours has a mask output besides


def test_collapse_keeps_the_output():
    network, (x, previous, _) = small(), inputs()
    h = torch.randn(16)
    network.start_from(h)
    before = network(x, previous, h.expand(2, 16))
    network.collapse(h)
    assert all(isinstance(layer, InstanceNorm) for layer in norm_layers(network))
    after = network(x, previous)
    for a, b in zip(before, after, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_identity_feature_changes_the_output_and_gets_gradient():
    network, (x, previous, h) = small(), inputs()
    h.requires_grad_()
    frame, mask = network(x, previous, h)
    (gradient,) = torch.autograd.grad(frame.square().mean() + mask.mean(), h)
    assert gradient.abs().sum() > 0
    other, _ = network(x, previous, h.detach().flip(0))
    assert not torch.allclose(frame, other)


def test_weights_start_small():
    network = Generator(6, filters=16, encoder_blocks=1, decoder_blocks=1, embedding=None)
    for module in network.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.ConvTranspose2d)):
            assert 0.015 < module.weight.std() < 0.025 and module.weight.mean().abs() < 0.005
