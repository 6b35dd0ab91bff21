import torch

from h2h.losses.adversarial import discriminator_loss, generator_loss


def test_hinge():
    real, fake = [torch.tensor([2.0, 0.5]), torch.tensor([-1.0])], [torch.tensor([-2.0, 0.5]), torch.tensor([0.0])]
    assert discriminator_loss(real, fake, "hinge") == (0 + 0.5) / 2 + (0 + 1.5) / 2 + 2 + 1
    assert generator_loss(fake, "hinge") == 0.75 + 0


def test_least_squares():
    real, fake = [torch.tensor([2.0, 0.5])], [torch.tensor([-2.0, 0.5])]
    assert discriminator_loss(real, fake, "lsgan") == ((1 + 0.25) / 2 + (4 + 0.25) / 2) / 2
    assert generator_loss(fake, "lsgan") == (9 + 0.25) / 2 / 2  # the mean, and the 1/2 of Head2Head's eq. 5


def test_both_pull_the_scores_apart_and_the_generator_back():
    for kind in ("hinge", "lsgan"):
        real, fake = (torch.zeros(3, requires_grad=True) for _ in range(2))
        to_real, to_fake = torch.autograd.grad(discriminator_loss([real], [fake + 0.5], kind), (real, fake))
        assert (to_real < 0).all() and (to_fake > 0).all()
        (to_fake,) = torch.autograd.grad(generator_loss([fake], kind), fake)
        assert (to_fake < 0).all()
