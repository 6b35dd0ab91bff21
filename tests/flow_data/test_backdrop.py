import numpy as np

from h2h.flow_data.backdrop import draw_plate, hair_layer, plate_layer, torso_layer
from h2h.flow_data.layers import apply, draw_layers

SIZE, FRAMES = 64, 5


def test_walls_differ_and_have_structure():
    plates = [draw_plate(np.random.default_rng(seed), 96) for seed in range(6)]
    for plate in plates:
        assert plate.shape == (96, 96, 3) and plate.dtype == np.float32 and plate.min() >= 0 and plate.max() <= 1
    assert min(np.abs(plates[i] - plates[i + 1]).mean() for i in range(5)) > 0.05
    assert max(plate.std() for plate in plates) > 0.1


def test_some_walls_are_still_and_the_others_move_smoothly():
    still = 0
    for seed in range(30):
        layer = plate_layer(np.random.default_rng(seed), np.zeros((96, 96, 3), np.float32), FRAMES, SIZE)
        corners = np.array([[0.0, 0], [96, 0], [96, 96], [0, 96]])
        places = np.array([apply(affine, corners) for affine in layer.motion])
        steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
        still += not steps.any()
        assert steps.max() < 0.25 * SIZE
        zoom = np.linalg.norm(layer.motion[:, 0, :2], axis=1)
        assert (zoom * 96 > 0.95 * SIZE).all()
    assert 3 < still < 20


def test_shoulders_and_hair_go_with_the_points_that_they_hang_on():
    rng = np.random.default_rng(0)
    points = np.array([30.0, 40]) + rng.normal(0, 6, (12, 2))
    moved = np.stack([points + np.array([t, -t / 2]) for t in range(FRAMES)])
    torso = torso_layer(rng, moved, 0.4, SIZE, 2)
    hair = hair_layer(rng, moved, 0.4, SIZE, 2, np.array([0.4, 0.2, 0.1]))
    wall = plate_layer(rng, np.zeros((64, 64, 3), np.float32), FRAMES, SIZE)
    for layer in (torso, hair):
        np.testing.assert_allclose(
            layer.motion[:, :, 2] - layer.motion[0, :, 2], np.outer(np.arange(FRAMES), [1, -0.5]), atol=1e-9
        )
        assert layer.colour.min() >= 0 and layer.colour.max() <= 1
    _, seen = draw_layers([wall, torso], 0, SIZE, 2)
    assert (seen[-1, 25:35] == 1).all() and not seen[:25].any()  # below the neck, not above it
    _, seen = draw_layers([wall, hair], 0, SIZE, 2)
    x, y = points.mean(axis=0).astype(int)
    assert seen[y, x] == 1 and seen[y - 20, x] == 1 and not seen[y - 30 if y > 50 else 0, 0]
