import numpy as np
import pytest

from h2h.errors import UserError
from h2h.tracking.parameters import check_parameters


def tracked(**changed):
    good = {
        "identity": np.zeros(4),
        "expression": np.zeros((5, 3)),
        "scale": np.full(5, 0.004),
        "rotation": np.tile([1.0, 0, 0, 0], (5, 1)),
        "translation": np.full((5, 2), 0.5),
        "gaze": np.zeros((5, 2, 2)),
    }
    for name, (frame, value) in changed.items():
        good[name][frame] = value
    return good


def test_good_parameters_pass():
    check_parameters(tracked(), 4, 3, "a.h5")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scale": (3, -0.004)}, r"scale is -0\.004 in frame 3"),
        ({"scale": (0, 0)}, "scale is 0"),
        ({"rotation": (2, 0)}, "rotation is .* in frame 2"),
        ({"gaze": (4, np.nan)}, "gaze is not finite in frame 4"),
        ({"identity": (1, np.inf)}, "identity is not finite$"),
    ],
)
def test_the_frame_is_named(changed, message):
    with pytest.raises(UserError) as caught:
        check_parameters(tracked(**changed), 4, 3, "a.h5")
    import re

    assert re.search(message, str(caught.value).splitlines()[0]) and "stage_tracking" in str(caught.value)


def test_arrays_that_do_not_fit():
    short = tracked() | {"rotation": np.ones((4, 4))}
    with pytest.raises(UserError, match=r"rotation has the shape \(4, 4\)"):
        check_parameters(short, 4, 3, "a.h5")
    with pytest.raises(UserError, match=r"expression has the shape \(5, 3\), not \(5, 30\)"):
        check_parameters(tracked(), 4, 30, "a.h5")
    check_parameters({k: v if k == "identity" else v[:0] for k, v in tracked().items()}, 4, 3, "a.h5")
