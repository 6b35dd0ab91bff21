import cv2
import numpy as np

from h2h.flow_data.layers import Layer, apply, draw_layers, following, invert, layer_flow, shrink, similarity

SIZE, FRAMES = 48, 3


def smooth_picture(seed, side):
    noise = np.random.default_rng(seed).random((side, side, 3)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 3) * 3 - 1


def moving(seed, side, zoom):
    rng = np.random.default_rng(seed)
    steps = np.arange(FRAMES)
    centre = np.full(2, side / 2)
    moved = SIZE / 2 + np.outer(steps, rng.uniform(-2, 2, 2))
    return similarity(zoom * 1.02**steps, rng.uniform(-0.05, 0.05) * steps, centre, moved)


def scene():
    wall = Layer(smooth_picture(0, 100), None, moving(1, 100, 0.6))
    alpha = np.zeros((60, 60), np.float32)
    cv2.circle(alpha, (30, 30), 20, 1.0, -1)
    return [wall, Layer(smooth_picture(2, 60), alpha, moving(3, 60, 0.7))]


def test_the_flow_leads_to_where_the_layers_pictures_go():
    layers = scene()
    first, seen = draw_layers(layers, 0, SIZE, 1)
    second, seen_then = draw_layers(layers, 1, SIZE, 1)
    flow = layer_flow(layers, 0, seen)
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    back = cv2.remap(second, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    kernel = np.ones((7, 7))
    steady = cv2.dilate(seen.astype(np.uint8), kernel) == cv2.erode(seen.astype(np.uint8), kernel)
    steady &= (cv2.dilate(seen_then.astype(np.uint8), kernel) == seen) & (
        cv2.erode(seen_then.astype(np.uint8), kernel) == seen
    )
    steady[:5] = steady[-5:] = steady[:, :5] = steady[:, -5:] = False
    assert set(np.unique(seen[steady])) == {0, 1} and steady.sum() > 500
    before, after = (np.abs(picture - first)[steady].mean() for picture in (second, back))
    assert after < 0.15 * before


def test_a_layer_at_rest_has_no_flow_and_is_drawn_as_it_is():
    picture = np.random.default_rng(0).random((SIZE, SIZE, 3)).astype(np.float32)
    still = np.tile(np.eye(3)[:2], (2, 1, 1))
    drawn, seen = draw_layers([Layer(picture, None, still)], 0, SIZE, 1)
    np.testing.assert_allclose(drawn, picture, atol=1e-6)
    assert not seen.any() and not layer_flow([Layer(picture, None, still)], 0, seen).any()


def test_supersampling_does_not_move_the_picture():
    layers = scene()
    fine, seen_fine = draw_layers(layers, 1, SIZE, 3)
    coarse, seen = draw_layers(layers, 1, SIZE, 1)
    assert np.abs(shrink(fine, 3) - coarse)[seen == 0].mean() < 0.02
    assert (seen != seen_fine).mean() < 0.02


def test_similarities_are_found_again():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(20, 2)) * 30
    motion = similarity(np.array([1, 1.1, 0.9]), np.array([0, 0.2, -0.1]), points.mean(axis=0), rng.normal(size=(3, 2)))
    moved = np.stack([apply(affine, points) for affine in motion])
    found = following(moved)
    for t in range(3):
        np.testing.assert_allclose(apply(found[t], moved[0]), moved[t], atol=1e-9)
        np.testing.assert_allclose(apply(invert(found[t]), moved[t]), moved[0], atol=1e-9)
