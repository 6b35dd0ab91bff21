"""HTML from templates and plain data."""

from __future__ import annotations

import functools
from typing import Any

import jinja2

SECTIONS = ("overview", "tables", "people", "experiments", "data", "environment", "study")


def render(template: str, *, root: str, section: str, title: str, profile: str, **values: Any) -> str:
    """A page.

    Args:
        template: its name in `templates`.
        root: what leads from the page to the report's first page: "" or "../".
        section: of `SECTIONS`, the one that the page belongs to.
        title: for the browser's tab.
        profile: the profile's name.
        values: what the template names; one that is missing is an error.
    """
    return (
        _environment().get_template(template).render(root=root, section=section, title=title, profile=profile, **values)
    )


def megabytes(size: float) -> str:
    """Bytes for people: "0.4 MB"."""
    return f"{size / 1e6:.1f} MB"


def duration(minutes: float | None) -> str:
    """Minutes for people: "12 s", "3.4 min", "1.5 h"; "" if they are not known."""
    if minutes is None:
        return ""
    if minutes < 1:
        return f"{60 * minutes:.0f} s"
    return f"{minutes:.1f} min" if minutes < 100 else f"{minutes / 60:.1f} h"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("h2h.pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"megabytes": megabytes, "duration": duration}
    return environment
