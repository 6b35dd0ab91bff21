"""Tables on paper."""

from matplotlib.text import Text

from h2h.pages.sheets import MARGIN, PAPER, Block, Sheet, figures, width


def texts(page):
    return [text for text in page.findobj(Text) if text.get_text()]


def test_every_cell_is_on_paper_within_the_margins_and_numbers_end_together():
    rows = [
        ["ours", "ann", "17.20 (13.40 to 21.70)", "0.033"],
        ["nearest frame", "ann", "36.60", "0.1"],
        ["x", "ann", "no data yet"],
    ]
    (page,) = figures(
        [Sheet("Table 1", [Block("Measured", ["method", "person", "distance", "FID"], rows, notes=["a note"])])], "h2h"
    )
    found = texts(page)
    assert {cell for row in rows for cell in row} | {"Table 1", "Measured", "a note", "1 of 1"} <= {
        t.get_text() for t in found
    }
    numbers = [t for t in found if t.get_text() in ("17.20 (13.40 to 21.70)", "36.60", "distance")]
    assert len({round(t.get_position()[0], 6) for t in numbers}) == 1 and {t.get_ha() for t in numbers} == {"right"}
    for text in found:
        x = text.get_position()[0] * PAPER[0]
        assert MARGIN - 1e-6 <= x <= PAPER[0] - MARGIN + 1e-6


def test_a_long_table_goes_on_with_its_head_and_loses_no_row():
    rows = [[f"method {i}", "ann", f"{i}.00"] for i in range(100)]
    pages = figures(
        [Sheet("Long", [Block("Measured", ["method", "person", "distance"], rows)]), Sheet("Next", [])], "h2h"
    )
    assert len(pages) == 4
    words = [[t.get_text() for t in texts(page)] for page in pages]
    assert all("distance" in page and "Long" in page for page in words[:3]) and "Next" in words[3]
    assert sorted(w for page in words for w in page if w.startswith("method ")) == sorted(row[0] for row in rows)


def test_a_width_grows_with_the_text():
    assert 0 == width("") < width("1.0") < width("1.00") < width("1.00", bold=True)
