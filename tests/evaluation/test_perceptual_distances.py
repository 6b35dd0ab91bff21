import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torchvision.models import alexnet

from h2h.errors import MissingAsset, UserError
from h2h.evaluation.learned_distance import choose, lpips_distance
from h2h.evaluation.perceptual_distance import as_tensor, feature_distance, perceptual_distance


@pytest.fixture(scope="module")
def small(face):
    return cv2.resize(face, (128, 128), interpolation=cv2.INTER_AREA)


def test_distance_of_directions_not_of_lengths():
    x = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    y = torch.tensor([0.0, 3.0]).view(1, 2, 1, 1)
    assert feature_distance([x], [5 * x]) == pytest.approx(0, abs=1e-12)
    assert feature_distance([x], [y]) == pytest.approx(2) and feature_distance([x], [-x]) == pytest.approx(4)
    assert feature_distance([x, x], [y, x]) == pytest.approx(1)  # the mean over layers
    wide = torch.cat([x, x, x, x], dim=3)
    assert feature_distance([wide], [torch.cat([x, x, x, y], dim=3)]) == pytest.approx(0.5)  # and over places


def test_stronger_blur_is_farther_than_a_shift_of_brightness(small):
    distance = perceptual_distance()
    blurred = [distance(small, cv2.GaussianBlur(small, (0, 0), sigma)) for sigma in (1, 2, 4)]
    brighter = distance(small, np.clip(small.astype(int) + 8, 0, 255).astype(np.uint8))
    assert distance(small, small) == pytest.approx(0, abs=1e-9)
    assert brighter < blurred[0] < blurred[1] < blurred[2] < 4


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """AlexNet's convolutions with random weights, as torchvision names them."""
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("alexnet") / "alexnet.pth"
    state = alexnet(weights=None).features.state_dict()
    torch.save({f"features.{key}": value for key, value in state.items()}, path)
    return path


def test_lpips_is_the_papers_sum_over_layers(small, weights):
    """Zhang et al. 2018, eq. 1, with the package's learned weights on the layers of the given AlexNet."""
    import lpips

    blurred = cv2.GaussianBlur(small, (0, 0), 2)
    linear = torch.load(f"{lpips.__path__[0]}/weights/v0.1/alex.pth", map_location="cpu", weights_only=True)
    shift = torch.tensor([-0.030, -0.088, -0.188]).view(3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).view(3, 1, 1)
    state = torch.load(weights, weights_only=True)

    def layers(picture):
        x = (as_tensor(picture) - shift) / scale
        for index, stride, padding, pool in ((0, 4, 2, 0), (3, 1, 2, 1), (6, 1, 1, 1), (8, 1, 1, 0), (10, 1, 1, 0)):
            x = F.max_pool2d(x, 3, 2) if pool else x
            x = F.relu(F.conv2d(x, state[f"features.{index}.weight"], state[f"features.{index}.bias"], stride, padding))
            yield x

    expected = 0.0
    for number, (a, b) in enumerate(zip(layers(small), layers(blurred), strict=True)):
        a, b = (x / (x.norm(dim=1, keepdim=True) + 1e-10) for x in (a, b))
        weight = linear[f"lin{number}.model.1.weight"]
        expected += float((weight * (a - b) ** 2).sum(dim=1).mean())
    distance = lpips_distance(weights)
    assert distance(small, blurred) == pytest.approx(expected, rel=1e-4) and expected > 0
    assert distance(small, small) == 0


def test_missing_and_wrong_weights_are_named(tmp_path):
    absent = tmp_path / "alexnet.pth"
    assert choose("auto", absent) == "efficientnet_lite0" == choose("efficientnet_lite0", absent)
    with pytest.raises(MissingAsset, match=r"alexnet-owt-7be5be79\.pth .* is missing at .*alexnet\.pth"):
        choose("lpips", absent)
    torch.save({"other": torch.zeros(1)}, absent)
    assert choose("auto", absent) == "lpips"
    with pytest.raises(UserError, match="does not hold AlexNet's weights"):
        lpips_distance(absent)
