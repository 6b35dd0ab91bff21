"""The participants' page: one HTML file that holds everything but the clips."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from h2h.study.plan import Plan

TEMPLATE = Path(__file__).parent / "template"


def render(plan: Plan) -> str:
    """The page of a study.

    Args:
        plan: it is written into the page; `<` is escaped, so that no text in it ends the script.

    Returns:
        HTML, in which clips are called `clips/ID.mp4`.
    """
    page, style, script = ((TEMPLATE / f"page.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    data = json.dumps(plan.as_json(), ensure_ascii=False).replace("<", "\\u003c")
    for mark, text in {"/*STYLE*/": style, "/*SCRIPT*/": script, "/*PLAN*/": data}.items():
        page = page.replace(mark, text, 1)
    return page


def policy(page: str) -> str:
    """The Content Security Policy of a page: its own script and style by hash, and the server itself, nothing else."""
    sources = [_hashes(page, tag) for tag in ("script", "style")]
    return (
        f"default-src 'none'; script-src {sources[0]}; style-src {sources[1]}; media-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hashes(page: str, tag: str) -> str:
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found]
    return " ".join(f"'sha256-{one}'" for one in hashes) or "'none'"
