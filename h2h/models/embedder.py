"""The identity embedder E_id (FS eq. 4): FaceNet's InceptionResnetV1, or a tiny network for tests."""

from __future__ import annotations

from pathlib import Path

from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.io.torch_weights import load_weights, read_torch_weights

SIZE = 160  # FaceNet's input


class Embedder(nn.Module):
    """Unit-norm identity features of pictures, and their mean over a person's frames.

    Normalisation never depends on the other pictures of the batch: with given weights the batch norms keep
    their stored statistics, without they are group norms.

    Args:
        network: "inception_resnet_v1" or "tiny".
        embedding: n_f; must be 512 with given weights.
        weights: a state dict of facenet-pytorch (`vggface2`), None to start from random weights.
        pretrained: without `weights`, still build the network that has them: a checkpoint will be loaded.
    """

    def __init__(
        self,
        network: str = "inception_resnet_v1",
        embedding: int = 512,
        weights: Path | None = None,
        pretrained: bool = False,
    ):
        super().__init__()
        self.network = network
        self.pretrained = pretrained or weights is not None
        if network == "tiny":
            self.body, self.size = _tiny(embedding), 32
        else:
            self.body, self.size = _inception(embedding, weights, self.pretrained), SIZE

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (B, 3, H, W) in [-1, 1], background black -> features (B, n_f), unit norm, float32."""
        scaled = F.interpolate(pictures, (self.size, self.size), mode="bilinear", antialias=False)
        level = (scaled * 127.5 + 127.5 - 127.5) / 128.0  # 0-255 values v -> (v - 127.5)/128
        return F.normalize(self.body(level).float(), dim=1)

    def mean(self, pictures: Tensor) -> Tensor:
        """FS eq. 4 and 9: (B, M, 3, H, W) -> (B, n_f), the mean over the M frames' features."""
        batch, frames = pictures.shape[:2]
        return self(pictures.flatten(0, 1)).view(batch, frames, -1).mean(1)

    def train(self, mode: bool = True) -> Embedder:
        """As usual, but stored batch statistics stay frozen."""
        super().train(mode)
        for layer in self.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.eval()
        return self


def _inception(embedding: int, weights: Path | None, pretrained: bool) -> InceptionResnetV1:
    network = InceptionResnetV1(pretrained=None, dropout_prob=0.0)  # eq. 4 wants the same h for the same frames
    if weights is not None:
        state = {k: v for k, v in read_torch_weights(weights).items() if not k.startswith("logits.")}
        load_weights(network, state, weights, "InceptionResnetV1 (vggface2)")
    if embedding != 512:
        network.last_linear = nn.Linear(1792, embedding, bias=False)
        network.last_bn = nn.BatchNorm1d(embedding, eps=1e-3)
    if not pretrained:
        group_norms(network)
    return network


def group_norms(module: nn.Module, channels_a_group: int = 16) -> None:
    """Replace all batch norms of `module`, in place, by group norms."""
    for name, child in list(module.named_children()):
        if isinstance(child, nn.modules.batchnorm._BatchNorm):
            channels = child.num_features
            groups = channels // channels_a_group if channels % channels_a_group == 0 else 1
            setattr(module, name, nn.GroupNorm(groups, channels, eps=child.eps))
        else:
            group_norms(child, channels_a_group)


def _tiny(embedding: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.GroupNorm(4, outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, embedding))
