import pytest
import torch

from h2h.models.normalisation import (
    AdaptiveInstanceNorm,
    InstanceNorm,
    modulated_instance_norm,
    modulated_instance_norm_reference,
)


@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-5), (torch.bfloat16, 3e-2)])
@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("per_sample", [True, False])
def test_fast_form_equals_the_formula(dtype, tolerance, memory, per_sample):
    torch.manual_seed(0)
    x = (3 * torch.randn(3, 5, 8, 6) + 2).to(dtype, memory_format=memory)
    gamma, beta = (torch.randn(3, 5) if per_sample else torch.randn(5) for _ in range(2))
    fast, plain = (f(x, gamma, beta) for f in (modulated_instance_norm, modulated_instance_norm_reference))
    assert fast.dtype == dtype and fast.shape == x.shape
    torch.testing.assert_close(fast, plain, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-5), (torch.bfloat16, 1e-1)])
@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", [(2, 3), (3,)])
def test_gradients_equal_those_of_the_formula(dtype, tolerance, memory, shape):
    torch.manual_seed(0)
    x = (2 * torch.randn(2, 3, 5, 4) + 1).to(dtype, memory_format=memory)
    weight = torch.randn(2, 3, 5, 4)  # its gradient arrives in another layout than that of x
    found = []
    for norm in (modulated_instance_norm, modulated_instance_norm_reference):
        leaves = [x.clone().requires_grad_(), *(torch.full(shape, v).requires_grad_() for v in (1.5, 0.5))]
        found.append(torch.autograd.grad((norm(*leaves) * weight).sum(), leaves))
    for fast, plain in zip(*found, strict=True):
        assert fast.dtype == plain.dtype
        torch.testing.assert_close(fast, plain, atol=tolerance, rtol=tolerance)


def test_statistics_are_each_pictures_own():
    x = torch.randn(2, 3, 8, 8)
    norm = InstanceNorm(3)
    torch.testing.assert_close(norm(x)[:1], norm(x[:1]), atol=1e-6, rtol=1e-5)
    out = norm(x)
    torch.testing.assert_close(out.mean((2, 3)), torch.zeros(2, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var((2, 3), correction=0), torch.ones(2, 3), atol=1e-3, rtol=0)


def test_adain_is_eq_6_without_a_hidden_one():
    norm = AdaptiveInstanceNorm(3, 4)
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(norm(x, torch.zeros(2, 4)), torch.zeros_like(x))  # P 0 = 0: a hidden + 1 would show here
    h = torch.randn(2, 4)
    normal = modulated_instance_norm_reference(x, torch.ones(3), torch.zeros(3))
    wanted = (h @ norm.p_gamma.T)[..., None, None] * normal + (h @ norm.p_beta.T)[..., None, None]
    torch.testing.assert_close(norm(x, h), wanted, atol=1e-5, rtol=1e-5)


def test_start_gives_gain_near_one_at_the_mean_embedding():
    torch.manual_seed(0)
    norm = AdaptiveInstanceNorm(64, 512)
    h0 = torch.nn.functional.normalize(torch.randn(512), dim=0)
    before, _ = norm.affine(h0[None])
    assert before.abs().max() < 0.1
    norm.start_from(0.8 * h0)
    gamma, beta = norm.affine(0.8 * h0[None])
    assert (gamma - 1).abs().max() < 0.1 and beta.abs().max() < 0.1


def test_collapsed_layer_gives_the_same():
    torch.manual_seed(0)
    norm, h, x = AdaptiveInstanceNorm(6, 16), torch.randn(16), torch.randn(2, 6, 4, 4)
    torch.testing.assert_close(norm.collapse(h)(x), norm(x, h.expand(2, 16)), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("batch", [1, 2])
def test_without_gradients_it_is_the_same(memory, batch):
    torch.manual_seed(0)
    x = torch.randn(batch, 5, 8, 6).to(memory_format=memory)
    gamma, beta = torch.randn(5), torch.randn(5)
    with torch.inference_mode():
        found = modulated_instance_norm(x, gamma, beta)
    torch.testing.assert_close(found, modulated_instance_norm_reference(x, gamma, beta), rtol=1e-5, atol=1e-5)
