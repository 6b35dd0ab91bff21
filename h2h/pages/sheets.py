"""Tables on sheets of paper, as matplotlib figures."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path

PAPER = (11.69, 8.27)  # inches, A4 across
MARGIN, GAP = 0.6, 0.16  # inches: around, and between columns
SIZE, LINE = 7.6, 0.165  # points, inches
ABOVE, BELOW = 0.125, -0.055  # inches from a line of writing to the rules around it
NOTE_WIDTH = 190  # characters of a note's line


@dataclass(frozen=True)
class Block:
    """A table under a heading.

    Attributes:
        heading: above it.
        head: names of the columns; the first ones, `words` many, are set to the left, numbers to the right. Without
            any there is no table, only notes.
        rows: their cells; a shorter row ends early.
        words: columns that hold words.
        notes: below it.
    """

    heading: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 2
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Sheet:
    """What belongs together: starts on a new page.

    Attributes:
        title: of it.
        blocks: in order.
    """

    title: str
    blocks: Sequence[Block]


def figures(sheets: Sequence[Sheet], footer: str) -> list[Figure]:
    """The pages; a block that does not fit goes on on the next one, with its head.

    Args:
        sheets: each on pages of its own.
        footer: on every page, before its number.
    """
    pages: list[Figure] = []
    for sheet in sheets:
        _Writer(pages, sheet.title).blocks(sheet.blocks)
    for number, page in enumerate(pages, 1):
        page.text(MARGIN / PAPER[0], 0.3 / PAPER[1], footer, size=6.5, color="#555")
        page.text(
            1 - MARGIN / PAPER[0], 0.3 / PAPER[1], f"{number} of {len(pages)}", size=6.5, color="#555", ha="right"
        )
    return pages


def width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Inches that a text takes."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, False)[0] / 72 if text else 0.0


class _Writer:
    """Writes from the top of a page to its end, and then on a new one."""

    def __init__(self, pages: list[Figure], title: str):
        self.pages, self.title = pages, title
        self._turn()

    def blocks(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            widths = self._widths(block)
            self._need(5)
            self._text(MARGIN, block.heading, size=9, bold=True)
            self._down(1.5)
            if block.head:
                self._table(block, widths)
            for note in block.notes:
                for line in textwrap.wrap(note, NOTE_WIDTH):
                    self._need(1)
                    self._text(MARGIN, line, size=6.8, colour="#444")
                    self._down(0.85)
            self._down(1.2)

    def _table(self, block: Block, widths: list[float]) -> None:
        self._head(block, widths)
        for row in block.rows:
            if self.y < MARGIN + 0.15:
                self._rule(BELOW + LINE, widths)
                self._turn()
                self._head(block, widths)
            self._cells(row, block.words, widths)
            self._down()
        self._rule(BELOW + LINE, widths)

    def _widths(self, block: Block) -> list[float]:
        found = []
        for i, name in enumerate(block.head):
            cells = [row[i] for row in block.rows if i < len(row) and not (i == len(row) - 1 < len(block.head) - 1)]
            found.append(max([width(name, bold=True), *(width(cell) for cell in cells)]))
        return found

    def _head(self, block: Block, widths: list[float]) -> None:
        self._rule(ABOVE, widths, 0.9)
        self._cells(block.head, block.words, widths, bold=True)
        self._rule(BELOW, widths)
        self._down(1.2)

    def _cells(self, cells: Sequence[str], words: int, widths: list[float], bold: bool = False) -> None:
        x = MARGIN
        for i, cell in enumerate(cells):
            short = i == len(cells) - 1 < len(widths) - 1  # a remark over the columns that follow
            if i < words or short:
                self._text(x, cell, bold=bold)
            else:
                self._text(x + widths[i], cell, bold=bold, right=True)
            x += widths[i] + GAP

    def _text(
        self, x: float, text: str, size: float = SIZE, bold: bool = False, right: bool = False, colour: str = "#000"
    ) -> None:
        self.page.text(
            x / PAPER[0], self.y / PAPER[1], text, size=size, color=colour, ha="right" if right else "left",
            weight="bold" if bold else "normal", family="DejaVu Sans", parse_math=False,
        )  # fmt: skip

    def _rule(self, above: float, widths: list[float], weight: float = 0.5) -> None:
        """A line as wide as the table, so many inches above the line of writing."""
        y, right = (self.y + above) / PAPER[1], MARGIN + sum(widths) + GAP * (len(widths) - 1)
        ends = [MARGIN / PAPER[0], right / PAPER[0]]
        self.page.add_artist(Line2D(ends, [y, y], transform=self.page.transFigure, color="#000", lw=weight))

    def _down(self, lines: float = 1.0) -> None:
        self.y -= lines * LINE

    def _need(self, lines: float) -> None:
        if self.y - lines * LINE < MARGIN:
            self._turn()

    def _turn(self) -> None:
        self.page = Figure(figsize=PAPER)
        self.pages.append(self.page)
        self.y = PAPER[1] - MARGIN
        self._text(MARGIN, self.title, size=12, bold=True)
        self._down(2.2)
