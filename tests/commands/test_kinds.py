import click
import pytest

from h2h.commands.kinds import FiniteRange, PngFile


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "0.1", "many"])
def test_a_number_is_finite_and_in_its_range(value):
    with pytest.raises(click.BadParameter):
        FiniteRange(0.2).convert(value, None, None)
    assert FiniteRange(0.2).convert("0.5", None, None) == 0.5
    assert FiniteRange(0.2).convert(3, None, None) == 3


def test_a_picture_replaces_nothing_else(tmp_path):
    (tmp_path / "folder.png").mkdir()
    for name in ("README.md", "folder.png", "png"):
        with pytest.raises(click.BadParameter, match=r"ends in \.png"):
            PngFile().convert(str(tmp_path / name), None, None)
    assert PngFile().convert(str(tmp_path / "a.PNG"), None, None) == tmp_path / "a.PNG"
