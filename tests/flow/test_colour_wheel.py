import math

import numpy as np

from h2h.flow.colour_wheel import colour_wheel, flow_to_colours


def plain_colour(u, v):
    """One flow vector by the benchmark's published C code (colorcode.cpp)."""
    wheel = []
    for count, rising, falling in (
        (15, 1, None),
        (6, None, 0),
        (4, 2, None),
        (11, None, 1),
        (13, 0, None),
        (6, None, 2),
    ):
        for i in range(count):
            step = 255 * i // count
            full = {(1, None): 0, (None, 0): 1, (2, None): 1, (None, 1): 2, (0, None): 2, (None, 2): 0}[rising, falling]
            colour = [0, 0, 0]
            colour[full] = 255
            colour[rising if rising is not None else falling] = step if rising is not None else 255 - step
            wheel.append(colour)
    radius, angle = math.sqrt(u * u + v * v), math.atan2(-v, -u) / math.pi
    place = (angle + 1) / 2 * (len(wheel) - 1)
    first = int(place)
    second, share, pixel = (first + 1) % len(wheel), place - first, []
    for channel in range(3):
        colour = (1 - share) * wheel[first][channel] / 255 + share * wheel[second][channel] / 255
        colour = 1 - radius * (1 - colour) if radius <= 1 else colour * 0.75
        pixel.append(int(255 * colour))
    return pixel


def test_every_vector_has_the_benchmarks_colour():
    flow = np.random.default_rng(0).normal(0, 0.8, (20, 20, 2))
    colours = flow_to_colours(flow, largest=1.0)
    wanted = np.array([[plain_colour(u, v) for u, v in row] for row in flow])
    assert np.abs(colours.astype(int) - wanted).max() <= 1  # the last bit of a product
    assert (colours == wanted).mean() > 0.97


def test_directions_scale_and_unknown():
    flow = np.array([[[0, 0], [4, 0], [-4, 0], [0, 4], [2, 0], [np.nan, 1], [1, 1]]], np.float32)
    known = np.array([[1, 1, 1, 1, 1, 1, 0]], bool)
    red, half = flow_to_colours(flow, known=known)[0, [1, 4]]
    assert red.tolist() == [255, 0, 0] and half.tolist() == [255, 127, 127]
    colours = flow_to_colours(flow[None], known=known[None])[0, 0]
    assert colours.shape == (7, 3) and colours.dtype == np.uint8
    assert colours[0].tolist() == [255, 255, 255] and not colours[5:].any()
    assert colours[2].argmax() == 2 and colours[2, 0] == 0  # left: light blue
    assert colours[3, 2] == 0 and colours[3, :2].min() > 220  # down: yellow
    assert (flow_to_colours(np.zeros((3, 4, 2))) == 255).all()


def test_the_wheel_has_the_benchmarks_steps():
    wheel = colour_wheel()
    assert wheel.shape == (55, 3) and wheel.min() == 0 and wheel.max() == 1
    np.testing.assert_array_equal(wheel[[0, 15, 21, 25, 36, 49]], np.array([
        [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1],
    ]))  # fmt: skip
