import pytest
import torch
from torch import nn

from h2h.errors import UserError
from h2h.models.embedder import Embedder, group_norms


@pytest.mark.parametrize("network, embedding", [("tiny", 32), ("inception_resnet_v1", 512)])
def test_unit_norm_and_independent_of_the_batch(network, embedding):
    torch.manual_seed(0)
    embedder = Embedder(network, embedding).train()
    pictures = torch.rand(3, 3, 40, 40) * 2 - 1
    with torch.no_grad():
        h = embedder(pictures)
        alone = embedder(pictures[1:2])
    assert h.shape == (3, embedding)
    torch.testing.assert_close(h.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(h[1:2], alone, atol=1e-5, rtol=1e-4)


def test_mean_over_the_frames_is_eq_4():
    torch.manual_seed(0)
    embedder = Embedder("tiny", 16)
    pictures = torch.rand(2, 3, 3, 32, 32) * 2 - 1
    wanted = torch.stack([embedder(person).mean(0) for person in pictures])
    torch.testing.assert_close(embedder.mean(pictures), wanted)


def test_input_is_scaled_as_facenet_was_trained():
    embedder = Embedder("tiny", 16)
    seen = []
    embedder.body = nn.Sequential()
    embedder.body.register_forward_hook(lambda _m, args, _o: seen.append(args[0]))
    embedder(torch.stack([torch.full((3, 8, 8), v / 127.5 - 1) for v in (0.0, 255.0)]).requires_grad_())
    torch.testing.assert_close(seen[0][:, 0, 0, 0], torch.tensor([-127.5 / 128, 127.5 / 128]))


def test_given_weights_are_loaded_and_statistics_stay_frozen(tmp_path):
    torch.manual_seed(0)
    from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1

    source = InceptionResnetV1(pretrained=None)
    state = source.state_dict()
    state["logits.weight"] = torch.zeros(4, 512)  # the distributed file has a classifier too
    torch.save(state, tmp_path / "weights.pt")
    embedder = Embedder(weights=tmp_path / "weights.pt").train()
    norms = [m for m in embedder.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    assert norms and not any(m.training for m in norms)
    before = norms[0].running_mean.clone()
    embedder(torch.rand(1, 3, 40, 40))
    assert torch.equal(norms[0].running_mean, before)
    torch.testing.assert_close(embedder.body.last_linear.weight, source.last_linear.weight)


def test_other_weights_are_refused(tmp_path):
    torch.save({"conv2d_1a.conv.weight": torch.zeros(1)}, tmp_path / "weights.pt")
    with pytest.raises(UserError, match="does not hold the weights of InceptionResnetV1"):
        Embedder(weights=tmp_path / "weights.pt")


def test_group_norms_replace_every_batch_norm():
    module = nn.Sequential(nn.Conv2d(3, 48, 1), nn.BatchNorm2d(48), nn.Sequential(nn.BatchNorm2d(7)))
    group_norms(module)
    assert isinstance(module[1], nn.GroupNorm) and module[1].num_groups == 3
    assert isinstance(module[2][0], nn.GroupNorm) and module[2][0].num_groups == 1
