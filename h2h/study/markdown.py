"""The study's tables as text."""

from __future__ import annotations

from typing import Any

import pandas as pd

NOBODY = "No participants yet."
TITLES = {
    "table2": "Table II: ratings of self-reenactment",
    "table3": "Table III: ratings of reenactment by others",
    "preference": "Which result follows the source better",
}
_PUBLISHED = {
    "table2": ("table2_user_study_self", "average"),
    "table3": ("table3_user_study_reenactment", "average_full"),
}


def as_markdown(tables: dict[str, pd.DataFrame], participants: int, published: dict[str, Any]) -> str:
    """All tables, with the published averages below.

    Args:
        tables: of `study_tables`.
        participants: how many answered.
        published: section `h2h` of the published results.
    """
    if not participants:
        return f"# User study\n\n{NOBODY}\n"
    who = f"{participants} participant{'s' * (participants != 1)}"
    lines = [
        "# User study", "",
        f"{who}. Columns 1 to 5: how often the rating was given. *Real*: the share of ratings of 4 or 5; in brackets",
        "its 95% interval over participants (Wilson's; where a participant gave several answers, a bootstrap over",
        "participants).", "",
    ]  # fmt: skip
    for name, table in tables.items():
        lines += [f"## {TITLES[name]}", ""]
        lines += [*table_lines(name, table, published), ""]
    return "\n".join(lines)


def table_lines(name: str, table: pd.DataFrame, published: dict[str, Any]) -> list[str]:
    """One table as lines of Markdown: head, rule, rows, the published average last. Arguments as in `as_markdown`."""
    return _preference(table, published) if name == "preference" else _ratings(name, table, published)


def _ratings(name: str, table: pd.DataFrame, published: dict[str, Any]) -> list[str]:
    sides = ("synthesised", "real")
    head = ["video", *(f"{side} {n}" for side in sides for n in (*range(1, 6), "*real*"))]
    lines = [_line(head), _line(["---", *["--:"] * 12])]
    for row in table.to_dict("records"):
        cells = [str(row["video"])]
        for side in sides:
            cells += [f"{row[f'{side}_{n}']:.3g}" for n in range(1, 6)]
            cells.append(_share(row[f"{side}_share"], row[f"{side}_low"], row[f"{side}_high"]))
        lines.append(_line(cells))
    section, average = _PUBLISHED[name]
    cells = [f"*published average, {published['user_study_participants']} participants*"]
    for side in sides:
        *counts, share = published[section][side][average]
        cells += [*map(str, counts), f"{share:.0%}"]
    return [*lines, _line(cells)]


def _preference(table: pd.DataFrame, published: dict[str, Any]) -> list[str]:
    lines = [_line(["video", "against", "ours", "answers", "chose ours"]), _line(["---", "---", "--:", "--:", "--:"])]
    for row in table.to_dict("records"):
        share = _share(row["share"], row["low"], row["high"])
        lines.append(_line([row["video"], row["baseline"], str(row["ours"]), str(row["answers"]), share]))
    paper = published["preference_over_dvp"]
    return [
        *lines,
        _line(["*published*", "Deep Video Portraits", "", str(paper["participants"]), f"{paper['share']:.0%}"]),
    ]


def _share(share: float, low: float, high: float) -> str:
    return "-" if share != share else f"{share:.0%} ({low:.0%} to {high:.0%})"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
