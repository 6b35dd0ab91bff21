import numpy as np
import pytest

from h2h.collections.span import Span, around, person_name, safe
from h2h.errors import Rejected


def test_context_is_measured_by_the_median_box():
    boxes = np.array([[0, 0, 10, 20], [5, 5, 15, 25], [100, 0, 400, 600]], float)
    assert around(boxes, 0.5) == (-5, -10, 405, 610)


@pytest.mark.parametrize(
    "start, end", [(-1, 2), (2, 2), (3, 2), (0, 1e5), (1e9, 1e9 + 1), (float("nan"), 1), (0, float("inf"))]
)
def test_absurd_times(start, end):
    with pytest.raises(Rejected, match="makes no sense"):
        Span(start, end)


@pytest.mark.parametrize(
    "box", [(0, 0, 0, 1), (1, 0, 0, 1), (0, 0, float("inf"), 1), (0, float("nan"), 1, 1), (-1e9, 0, 1, 1)]
)
def test_absurd_boxes(box):
    with pytest.raises(Rejected, match="makes no sense"):
        Span(0, 1, box)


@pytest.mark.parametrize("reference", [(None, 1e-320), (0, 1), (None, float("nan")), (1e9, 1), (-640, 360)])
def test_absurd_pictures(reference):
    with pytest.raises(Rejected, match="makes no sense"):
        Span(0, 1, (0, 0, 1, 1), reference)


@pytest.mark.parametrize(
    "called, prefix, name",
    [
        ("id10001", "", "id10001"),
        ("A.J._Buckley", "", "A_J__Buckley"),
        ("../../etc/passwd", "", "etc_passwd"),
        ("../../etc/passwd", "vox-", "vox-_etc_passwd"),
        ("-rf", "", "rf"),
        ("x" * 500, "p", "p" + "x" * 48),
    ],
)
def test_names_of_people(called, prefix, name):
    assert person_name(called, prefix) == name


@pytest.mark.parametrize("called", ["", "..", "ü", "/"])
def test_names_of_which_nothing_is_left(called):
    with pytest.raises(Rejected, match="usable name"):
        person_name(called)
    assert person_name(called, "p1").startswith("p1")


def test_safe_text_has_no_path():
    assert safe("../..\\x\n") == "_x_"
