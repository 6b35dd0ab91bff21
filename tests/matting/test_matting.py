import numpy as np
import pytest
import torch

from h2h.errors import UserError
from h2h.matting import refine


def test_trimap_bands_the_outline():
    probability = np.zeros((40, 40))
    probability[10:30, 10:30] = 1
    found = refine.trimap(probability, 3)
    assert found[20, 20] == 1 and found[2, 2] == 0
    assert (found[20, 7:13] == 0.5).all() and found[20, 14] == 1 and found[20, 5] == 0


def test_largest_component_drops_islands_and_fills_holes():
    mask = np.zeros((30, 30), bool)
    mask[5:20, 5:20] = True
    mask[10:12, 10:12] = False
    mask[25:27, 25:27] = True
    found = refine.largest_component(mask)
    assert found[10, 10] and not found[25, 25]


def test_closed_form_alpha_finds_the_true_edge():
    """A coarse mask that is too large is pulled back to the colour edge."""
    truth = np.zeros((64, 64), bool)
    truth[16:48, 16:48] = True
    rng = np.random.default_rng(0)
    image = np.where(truth[..., None], (200, 60, 40), (30, 90, 160)) + rng.integers(-4, 5, (64, 64, 3))
    coarse = np.zeros((64, 64))
    coarse[14:50, 14:50] = 1
    alpha = refine.closed_form_alpha(image.clip(0, 255).astype(np.uint8), coarse, 4)
    assert np.abs(alpha / 255.0 - truth).mean() < 0.5 * np.abs(coarse - truth).mean()


def test_degenerate_masks_do_not_fail():
    image = np.zeros((32, 32, 3), np.uint8)
    assert refine.closed_form_alpha(image, np.zeros((32, 32)), 3).max() == 0
    assert refine.closed_form_alpha(image, np.ones((32, 32)), 3).min() == 255


def test_selfie_segmentation_finds_the_person(face):
    from h2h.matting.mediapipe_segmentation import SelfieSegmenter

    with SelfieSegmenter() as segment:
        found = segment(face)
    assert found.shape == face.shape[:2]
    assert found[100:160, 110:150].mean() > 0.9  # the face
    assert found.min() < 0.1


def test_bisenet_loads_a_checkpoint_in_the_public_format(tmp_path, face):
    from h2h.matting.bisenet import BiSeNet, FaceParser

    torch.manual_seed(0)
    network = BiSeNet()
    # names and sizes of the public 79999_iter.pth
    state = network.state_dict()
    assert state["cp.resnet.layer1.0.conv1.weight"].shape == (64, 64, 3, 3)
    assert state["ffm.convblk.conv.weight"].shape == (256, 256, 1, 1)
    assert state["conv_out.conv_out.weight"].shape == (19, 256, 1, 1)
    torch.save(state, tmp_path / "79999_iter.pth")
    parser = FaceParser(tmp_path / "79999_iter.pth")
    found = parser(face[:64, :64])
    assert found.shape == (64, 64) and 0 <= found.min() and found.max() <= 1
    for sign, foreground in ((-1, 1), (1, 0)):  # class 0 is the background
        state["conv_out.conv_out.weight"].zero_()[0] = sign * 1e3  # of features that a ReLU leaves
        torch.save(state, tmp_path / "79999_iter.pth")
        assert FaceParser(tmp_path / "79999_iter.pth")(face[:64, :64]).mean() == pytest.approx(foreground, abs=0.05)
    state.pop("conv_out.conv_out.weight")
    torch.save(state, tmp_path / "79999_iter.pth")
    with pytest.raises(UserError, match="does not hold the weights of BiSeNet"):
        FaceParser(tmp_path / "79999_iter.pth")
