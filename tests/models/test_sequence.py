import pytest
import torch
from torch import nn

from h2h.models.generator import Generator
from h2h.models.sequence import History, generate


class Recorder(nn.Module):
    """Answers frame number t with the constant (t + 1)/10 and keeps what it was given."""

    condition_frames, history_frames = 3, 2

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, condition, history, h):
        self.seen.append((condition.clone(), history.clone()))
        frame = torch.full((1, 3, 4, 4), len(self.seen) / 10)
        return frame, frame[:, :1]


def test_history_and_condition_windows():
    network = Recorder()
    conditions = [torch.full((2, 4, 4), float(t)) for t in range(4)]
    made = list(generate(network, conditions))
    assert [float(frame[0, 0, 0]) for frame, _ in made] == [torch.tensor(t / 10).item() for t in (1, 2, 3, 4)]
    # three conditions of two channels each, oldest first; before the start the first one is repeated
    windows = [c[0, ::2, 0, 0].tolist() for c, _ in network.seen]
    assert windows == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [1, 2, 3]]
    pasts = [h[0, ::3, 0, 0] for _, h in network.seen]
    for past, wanted in zip(pasts, ([0, 0], [0, 0.1], [0.1, 0.2], [0.2, 0.3]), strict=True):
        torch.testing.assert_close(past, torch.tensor(wanted, dtype=torch.float32))


def test_generation_is_lazy():
    network = Recorder()

    def endless():
        while True:
            yield torch.zeros(2, 4, 4)

    stream = generate(network, endless())
    next(stream)
    next(stream)
    assert len(network.seen) == 2


def test_frames_fed_back_carry_no_gradient_once_it_is_cut():
    torch.manual_seed(0)
    network, history = Generator(3, 4, encoder_blocks=0, decoder_blocks=0, embedding=None), History()
    weight = next(network.parameters())
    frame, _ = network(*history.inputs(torch.randn(1, 3, 16, 16)))
    history.push(frame)
    _, previous = history.inputs(torch.randn(1, 3, 16, 16))
    assert frame.requires_grad and previous.requires_grad and weight.requires_grad
    history.cut()
    _, cut = history.inputs(torch.randn(1, 3, 16, 16))
    assert torch.equal(cut, previous) and not cut.requires_grad


def test_other_windows():
    network = Recorder()
    network.condition_frames, network.history_frames = 1, 0
    list(generate(network, [torch.full((2, 4, 4), float(t)) for t in range(3)]))
    assert [c[0, ::2, 0, 0].tolist() for c, _ in network.seen] == [[0], [1], [2]]
    assert all(history.shape == (1, 0, 4, 4) for _, history in network.seen)


@pytest.mark.parametrize("windows", [(3, 2), (1, 0), (5, 0), (1, 3)])
def test_synthesis_equals_the_training_rollout(windows):
    torch.manual_seed(0)
    network = Generator(3, 4, 3, 1, 1, None, *windows).eval()
    conditions = torch.randn(5, 3, 16, 16)
    history, wanted = History(*windows), []
    for condition in conditions:
        frame, _ = network(*history.inputs(condition[None]))
        history.push(frame)
        wanted.append(frame[0])
    for (frame, _), truth in zip(generate(network, conditions), wanted, strict=True):
        torch.testing.assert_close(frame, truth)
