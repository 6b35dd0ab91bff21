import numpy as np

from h2h.render.rasteriser import rasterise
from h2h.render.textured import textured_picture


def test_a_texture_on_a_square_of_its_size_is_the_texture():
    size = 12
    texture = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    points = np.array([[0.0, 0, 1], [0, size, 1], [size, size, 1], [size, 0, 1]])
    corners = np.array([[0, 1], [0, 0], [1, 0], [1, 1]])  # v points up
    triangles = np.array([[0, 1, 2], [0, 2, 3]])
    raster = rasterise(points, triangles, size, size + 3)
    picture = textured_picture(raster, corners[triangles], texture)
    np.testing.assert_array_equal(picture[:, :size], texture)
    assert not picture[:, size:].any()
    for shift in (-2, 3):  # repeated
        again = textured_picture(raster, corners[triangles] + shift, texture)
        np.testing.assert_array_equal(again[1:-1, 1 : size - 1], texture[1:-1, 1:-1])
    nearly = textured_picture(raster, corners[triangles] + 1e-5, texture)  # rounding does not fetch the other border
    assert np.abs(nearly[:, :size].astype(int) - texture).max() <= 1
