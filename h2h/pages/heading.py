"""What a table is called for people."""

from __future__ import annotations

import re


def heading(name: str) -> str:
    """A table's name for people: "table1" is "Table 1", "table1_full" is "Table 1, full"."""
    words = re.sub(r"^(table|figure)(\d)", r"\1 \2", name).replace("_full", ", full").replace("_", " ")
    return words[:1].upper() + words[1:]
