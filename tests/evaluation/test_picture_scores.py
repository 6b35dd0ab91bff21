import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio

from h2h.evaluation.face_region import face_region
from h2h.evaluation.frame_scores import Pair, flicker, frame_scores
from h2h.evaluation.signal_noise import psnr
from h2h.evaluation.structural_similarity import similarity_map, ssim


def test_psnr_of_a_constant_error():
    """20 log10(255 / 10) = 28.13 dB."""
    a = np.full((8, 8, 3), 100, np.uint8)
    assert psnr(a, a + 10) == pytest.approx(28.1308, abs=1e-4)
    mask = np.zeros((8, 8), bool)
    mask[2, 3] = True
    b = a.copy()
    b[2, 3] += 10
    assert psnr(a, b, mask) == pytest.approx(28.1308, abs=1e-4)
    assert psnr(a, b, ~mask) == psnr(a, a) == pytest.approx(10 * np.log10(255**2 * 12))  # rounding's
    assert np.isnan(psnr(a, b, mask & False))


def test_psnr_is_that_of_scikit_image(face):
    noisy = np.clip(face + np.random.default_rng(0).normal(0, 9, face.shape), 0, 255).astype(np.uint8)
    assert psnr(face, noisy) == pytest.approx(peak_signal_noise_ratio(face, noisy, data_range=255))


def test_ssim_of_flat_pictures_is_its_luminance_term():
    """Wang et al. 2004, eq. 6: without contrast only (2 a b + C1) / (a^2 + b^2 + C1) is left."""
    a, b, c1 = 60.0, 140.0, (0.01 * 255) ** 2
    flat = similarity_map(np.full((20, 20, 3), a, np.uint8), np.full((20, 20, 3), b, np.uint8))
    assert ssim(flat) == pytest.approx((2 * a * b + c1) / (a * a + b * b + c1))


def test_ssim_is_the_papers_formula(face):
    """Eq. 13 of the paper, written down again with Gaussian weighted moments, one colour at a time."""
    noisy = np.clip(face + np.random.default_rng(0).normal(0, 25, face.shape), 0, 255).astype(np.uint8)
    smooth = lambda x: gaussian_filter(x, 1.5, truncate=3.5)  # noqa: E731
    values = []
    for channel in range(3):
        x, y = face[..., channel].astype(float), noisy[..., channel].astype(float)
        mx, my = smooth(x), smooth(y)
        vx, vy, vxy = smooth(x * x) - mx**2, smooth(y * y) - my**2, smooth(x * y) - mx * my
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        index = (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
        values.append(index[5:-5, 5:-5].mean())
    found = similarity_map(face, noisy)
    assert ssim(found) == pytest.approx(np.mean(values), abs=1e-9) and 0.1 < ssim(found) < 0.9
    assert ssim(similarity_map(face, face)) == pytest.approx(1)
    half = np.zeros(face.shape[:2], bool)
    half[:128] = True
    assert ssim(found, half) == pytest.approx(found[:128].mean()) and np.isnan(ssim(found, half & False))


def test_the_face_has_no_holes():
    nmfc = np.zeros((9, 9, 3), np.uint8)
    nmfc[1:8, 2:7, 1] = 90
    nmfc[4, 4] = 0  # an open mouth
    found = face_region(nmfc)
    assert found.sum() == 7 * 5 and found[4, 4] and not found[0].any()


def test_scores_of_a_frame_see_the_face_alone_where_they_say_so(face):
    real = np.ascontiguousarray(face[::4, ::4])
    mask, nmfc = np.full((64, 64), 255, np.uint8), np.zeros((64, 64, 3), np.uint8)
    nmfc[20:40, 20:40] = 100
    outside = real.copy()
    outside[:10] = 255 - outside[:10]
    pair = Pair(real, outside, mask, mask, nmfc, np.array([0.5, 0.75]))
    scores, errors = frame_scores(pair, 0.25)
    same, _ = frame_scores(Pair(real, real, mask, mask, nmfc, pair.mouth), 0.25)
    assert scores["face_psnr"] == same["face_psnr"] and scores["psnr"] < 20 < same["psnr"]
    assert scores["face_ssim"] == pytest.approx(1) and scores["ssim"] < 0.95
    assert scores["pixel_distance"] == pytest.approx(errors.mean()) and scores["mouth_pixel_distance"] == 0
    assert flicker(pair, pair, np.zeros((64, 64, 2), np.float16)) == 0


def test_flicker_is_seen_where_the_foreground_was():
    """The flow starts at the first frame, and so does the mask."""
    flat, left, right = np.full((8, 8, 3), 100, np.uint8), np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.uint8)
    left[:, :4] = right[:, 4:] = 255
    lighter = flat.copy()
    lighter[:, :4] += 10
    before, now = (
        Pair(real=flat, fake=fake, real_mask=mask, fake_mask=mask, nmfc=flat, mouth=np.array([0.5, 0.5]))
        for fake, mask in ((flat, left), (lighter, right))
    )
    assert flicker(before, now, np.zeros((8, 8, 2), np.float16)) == pytest.approx(10 * np.sqrt(3))
