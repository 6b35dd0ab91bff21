import numpy as np

from h2h.reenactment.drawing import draw
from h2h.render.conditioning import render_sequence
from h2h.render.hybrid import Parameters


class Recorder:
    """Notes what it was given; draws the gaze image, half covered."""

    def __init__(self):
        self.log = []

    def reset(self):
        self.log.append("reset")

    def __call__(self, nmfc, gaze):
        self.log.append("frame")
        return gaze // 2, np.full(gaze.shape[:2], 127, np.uint8)


def test_conditions_in_order_with_a_new_start_at_each_cut(small_head):
    rng = np.random.default_rng(0)
    count = 4
    parameters = Parameters(
        identity=np.zeros(20),
        expression=rng.normal(size=(count, 30)),
        scale=np.full(count, 0.004),
        rotation=np.tile([1.0, 0, 0, 0], (count, 1)),
        translation=np.full((count, 2), 0.5),
        gaze=np.zeros((count, 2, 2)),
    )
    renderer = Recorder()
    plate = np.full((48, 48, 3), 200, np.uint8)
    drawn = list(draw(renderer, small_head, parameters, np.array([0, 0, 1, 1]), [plate] * 4, 48, "face", 1))
    assert renderer.log == ["reset", "frame", "frame", "reset", "frame", "frame"]
    wanted = render_sequence(small_head, **vars(parameters), size=48)
    np.testing.assert_array_equal([one.nmfc for one in drawn], wanted.nmfc)
    np.testing.assert_array_equal([one.gaze for one in drawn], wanted.gaze)
    assert drawn[0].picture.shape == (48, 48, 3)
    np.testing.assert_allclose(drawn[0].picture[0, 0], 200 * 128 / 255, atol=1)
