import pytest

from h2h.pages.published_numbers import published_numbers

RESULTS = {
    "fs": {"iou": [0.9, 0.95], "table": {"x2face": [10.0, 20.0], "ours": [1.5, 2.5]}},
    "h2h": {"cycle": 9.3, "flow": {"joe": 7.0, "may": 6.0}, "mouth": {"wo_dm": {"may": 11.0}, "w_dm": {"may": 10.0}}},
}


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (None, ""),
        ("h2h.cycle", "9.30"),
        ("fs.iou", "0.925 (0.900 to 0.950)"),
        ("h2h.flow", "6.50 (6.00 to 7.00)"),
        ("fs.table", "X2Face 15.00 (10.00 to 20.00); ours 2.00 (1.50 to 2.50)"),
        ("h2h.mouth", "without D_M 11.00; with D_M 10.00"),
    ],
)
def test_numbers_in_words(place, text):
    assert published_numbers(RESULTS, place) == text


def test_a_place_that_is_not_there():
    with pytest.raises(KeyError):
        published_numbers(RESULTS, "fs.none")


def test_every_figure_names_a_place_that_is_there():
    from h2h.config import load_params
    from h2h.stages.page_data import published_results

    for figure in load_params().figures.values():
        assert bool(published_numbers(published_results(), figure.published)) == bool(figure.published)
