"""What pydantic found wrong, in words for people. Values come from files: they may be endless or steer a terminal."""

from __future__ import annotations

import reprlib
from typing import Any

from pydantic import ValidationError

MOST_LINES = 20
_SHOWN = reprlib.Repr()  # a value may be nested without end
_SHOWN.maxlevel, _SHOWN.maxstring, _SHOWN.maxother = 2, 100, 100


def explain(error: ValidationError) -> str:
    """What is wrong with which keys, in one line of bounded length that can be printed."""
    lines = []
    for item in error.errors()[:MOST_LINES]:
        place = ".".join(str(part) for part in item["loc"]) or "the file"
        place = place if place.isprintable() else ascii(place)
        place = place if len(place) <= _SHOWN.maxstring else f"{place[: _SHOWN.maxstring]}..."
        if item["type"] == "extra_forbidden":
            lines.append(f"unknown key {place}")
        elif item["type"] == "missing":  # pydantic shows the whole section here
            lines.append(f"{place} is missing")
        elif not item["loc"]:  # a rule about the whole file, which would be shown in full
            lines.append(item["msg"].removeprefix("Value error, "))
        else:
            lines.append(f"{place}: {item['msg']} (it is {_shown(item['input'])})")
    further = error.error_count() - len(lines)
    return "; ".join(lines + [f"and {further} more"] * bool(further))


def _shown(value: Any) -> str:
    try:
        return _SHOWN.repr(value)
    except ValueError:  # an integer with more digits than Python prints
        return f"a huge {type(value).__name__}"
