import numpy as np
import pytest

from h2h.reenactment.layouts import LAYOUTS, arrange


@pytest.mark.parametrize(("layout", "pictures"), [("result", 1), ("side-by-side", 2), ("diagnostic", 4)])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_row_at_the_results_height(layout, pictures, channels):
    plain = [np.full((size, size, 3), value, np.uint8) for size, value in ((64, 10), (32, 20), (32, 30))]
    result = np.full((32, 32, channels), 40, np.uint8)
    shown = arrange(layout, *plain, result)
    assert shown.shape == (32, 32 * pictures, channels)
    values = shown[16, 16::32, 0].tolist()
    assert values == {1: [40], 2: [10, 40], 4: [10, 20, 30, 40]}[pictures]
    if channels == 4 and pictures > 1:
        assert (shown[:, :32, 3] == 255).all()
    assert layout in LAYOUTS
