"""What a table is called for people."""

from __future__ import annotations

import re

PAPERS = {"fs": "Head2HeadFS", "h2h": "Head2Head"}


def heading(name: str) -> str:
    """A table's or figure's name for people: "table1_full" is "Table 1, full", "fs_figure2" "Head2HeadFS, Figure 2"."""
    if found := re.fullmatch(r"(fs|h2h)_figure(\d+)", name):
        return f"{PAPERS[found[1]]}, Figure {found[2]}"
    words = re.sub(r"^(table|figure)(\d)", r"\1 \2", name).replace("_full", ", full").replace("_", " ")
    return words[:1].upper() + words[1:]
