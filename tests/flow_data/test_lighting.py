from dataclasses import replace

import numpy as np

from h2h.flow_data.lighting import SHADOW_BIAS, draw_lights, out_of_shadow, shade

LIGHTS = replace(draw_lights(np.random.default_rng(0)), direction=np.array([0, 0, -1.0]), gloss=0.0)
SQUARE = np.array([[-1.0, -1, 0], [-1, 1, 0], [1, 1, 0], [1, -1, 0]])
TWO = np.array([[0, 1, 2], [0, 2, 3]])


def test_a_square_throws_a_shadow_of_its_size_along_the_light():
    wall, lid = SQUARE * 100 + np.array([0, 0, 500]), SQUARE * 20 + np.array([0, 0, 500 - 5 * SHADOW_BIAS])
    vertices, triangles = np.concatenate([wall, lid]), np.concatenate([TWO, TWO + 4])
    x = np.arange(-90.0, 91, 1)
    points = np.stack([x, np.zeros_like(x), np.full_like(x, 500)], axis=1)
    lit = out_of_shadow(points, vertices, triangles, LIGHTS)
    assert (lit[np.abs(x) < 17] == 0).all() and (lit[np.abs(x) > 23] == 1).all()
    slanted = replace(LIGHTS, direction=np.array([-0.6, 0, -0.8]))
    shift = 5 * SHADOW_BIAS * 0.6 / 0.8
    lit = out_of_shadow(points, vertices, triangles, slanted)
    assert (lit[np.abs(x - shift) < 16] == 0).all() and (lit[np.abs(x - shift) > 24] == 1).all()
    on_lid = out_of_shadow(points[np.abs(x) < 18] - np.array([0, 0, 5 * SHADOW_BIAS]), vertices, triangles, LIGHTS)
    assert (on_lid == 1).all()


def test_light_falls_with_the_cosine_and_gloss_adds_to_it():
    angle = np.linspace(0, 1.5, 20)
    normals = np.stack([np.sin(angle), np.zeros(20), -np.cos(angle)], axis=1)
    albedo, points = np.full((20, 3), 0.3), np.tile([0, 0, 800.0], (20, 1))
    plain = shade(albedo, points, normals, np.ones(20), replace(LIGHTS, sky=0.0)) ** 2.2
    wanted = 0.3 * (np.cos(angle)[:, None] * LIGHTS.key + LIGHTS.ambient)
    np.testing.assert_allclose(plain, wanted, rtol=1e-6)
    shadowed = shade(albedo, points, normals, np.zeros(20), replace(LIGHTS, sky=0.0)) ** 2.2
    np.testing.assert_allclose(shadowed, np.tile(0.3 * LIGHTS.ambient, (20, 1)))
    glossy = shade(albedo, points, normals, np.ones(20), replace(LIGHTS, sky=0.0, gloss=0.2)) ** 2.2
    assert glossy[0, 0] > plain[0, 0] + 0.05 and (glossy >= plain - 1e-9).all()


def test_lights_come_from_the_cameras_side():
    for seed in range(20):
        lights = draw_lights(np.random.default_rng(seed))
        np.testing.assert_allclose(np.linalg.norm(lights.direction), 1)
        assert lights.direction[2] < 0 and (lights.key > 0).all() and (lights.ambient > 0).all()
