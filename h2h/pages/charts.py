"""Charts as SVG that stands in a page and takes the page's colours, light or dark."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from html import escape

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from h2h.pages.losses import in_order, loss_name

INK = "#010203"  # becomes the colour of the text around the chart
COLOURS = ("#4e79a7", "#e15759", "#3f9a4f", "#c98a1b", "#8d6cab", "#2aa5a0", "#b07a5e", "#7f7f7f")  # readable on both
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "h2h",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#808080",
    "grid.alpha": 0.25,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


def as_svg(figure: Figure, label: str) -> str:
    """An SVG element without a size of its own, in the colours of the page; closes the figure.

    The same figure gives the same text.

    Args:
        figure: drawn under `STYLE`.
        label: what a reader hears who does not see it.
    """
    file = io.StringIO()
    with plt.rc_context(STYLE):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.DOTALL)
    text = text.replace(INK, "currentColor").replace("'DejaVu Sans'", "inherit")
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = _renamed(text, hashlib.sha256(label.encode()).hexdigest()[:6])
    head = text[: text.index(">")]
    box = re.search(r'viewBox="[^"]+"', head)[0]
    width, height = (float(x) * 4 / 3 for x in box[9:-1].split()[2:])
    start = (
        f'<svg class="chart" role="img" aria-label="{escape(label)}" width="{width:.0f}" height="{height:.0f}" {box}'
    )
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{start} {names}>" + text[text.index(">") + 1 :].strip()


def _renamed(text: str, prefix: str) -> str:
    """Markers and clip paths by number: matplotlib's names follow the layout to the last bit, which varies."""
    names: dict[str, str] = {}
    pattern = re.compile(r"\b[pmh][0-9a-f]{10}\b")
    return pattern.sub(lambda found: names.setdefault(found[0], f"c{prefix}-{len(names)}"), text)


def loss_chart(points: Sequence[Mapping[str, float]], label: str) -> str:
    """Small panels, one a loss, over the clips of a training.

    Args:
        points: of `h2h.training.curves`.
        label: of the training.
    """
    keys = in_order({key for point in points for key in point} - {"clip"})
    across = min(4, max(1, len(keys)))
    down = max(1, -(-len(keys) // across))
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(down, across, figsize=(2.75 * across, 1.75 * down), squeeze=False, sharex=True)
        for axis, key in zip(axes.flat, keys, strict=False):
            seen = [(point["clip"], point[key]) for point in points if key in point]
            axis.plot(*zip(*seen, strict=True), lw=1.3)
            axis.set_title(loss_name(key))
            low, high = min(0.0, *(y for _, y in seen)), max(0.0, *(y for _, y in seen))
            axis.set_ylim(1.08 * low, 1.08 * high or 1.0)
        for axis in axes.flat[len(keys) :]:
            axis.axis("off")
        for axis in axes.flat[max(0, len(keys) - across) : len(keys)]:
            axis.set_xlabel("clips seen")
            axis.tick_params(labelbottom=True)
        for axis in axes[:, 0]:
            axis.set_ylabel("loss")
    return as_svg(figure, f"Losses of {label} over the clips of its training: {', '.join(loss_name(k) for k in keys)}")


def score_chart(rows: Sequence[tuple[str, str, float, float, float]], axis_label: str, label: str) -> str:
    """A dot and its interval for every method, person by person.

    Args:
        rows: person, method, value and the interval's bounds, which may be NaN.
        axis_label: of the values.
        label: for those who do not see it.
    """
    methods = list(dict.fromkeys(row[1] for row in rows))
    people = list(dict.fromkeys(row[0] for row in rows))
    height = 0.75 + sum(0.24 * sum(row[0] == person for row in rows) + 0.12 for person in people)
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(7.4, height))
        y, ticks = 0.0, []
        for person in people:
            for _, method, value, low, high in (row for row in rows if row[0] == person):
                colour = COLOURS[methods.index(method) % len(COLOURS)]
                if low <= high:
                    axis.plot([low, high], [y, y], color=colour, lw=2, alpha=0.55, solid_capstyle="round")
                axis.plot([value], [y], "o", color=colour, ms=5.5)
                ticks.append((y, f"{method}, {person}" if len(people) > 1 else method))
                y += 1
            y += 0.5
        axis.set_yticks([at for at, _ in ticks], [name for _, name in ticks])
        axis.set_ylim(y - 0.9, -0.6)
        axis.set_xlim(left=0)
        axis.grid(axis="y", visible=False)
        axis.set_xlabel(axis_label)
    told = "; ".join(f"{method}, {person}: {value:.2f}" for person, method, value, _, _ in rows)
    return as_svg(figure, f"{label}. {told}")


def lines_chart(lines: Mapping[str, tuple[np.ndarray, np.ndarray]], x: str, y: str, label: str) -> str:
    """Lines over a common axis.

    Args:
        lines: what each is called -> its x and y values.
        x, y: the axes' labels.
        label: for those who do not see it.
    """
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(9.6, 2.6))
        for name, (xs, ys) in lines.items():
            axis.plot(xs, ys, lw=1.2, label=name)
        axis.set_xlabel(x)
        axis.set_ylabel(y)
        axis.set_ylim(bottom=0)
        axis.margins(x=0.01)
        figure.legend(loc="outside upper right", ncols=min(5, len(lines)), fontsize=8.5)
    return as_svg(figure, label)
