"""Charts take the page's colours, have labelled axes, and are the same each time."""

import re
from xml.etree import ElementTree

import numpy as np

from h2h.pages.charts import INK, lines_chart, loss_chart, score_chart
from h2h.pages.tracking_chart import tracking_chart


def texts(svg):
    return {
        "".join(node.itertext()).strip()
        for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    }


def check(svg):
    root = ElementTree.fromstring(svg)  # well-formed
    assert root.get("role") == "img" and root.get("aria-label")
    assert "currentColor" in svg and INK not in svg and "<style" not in svg and "<metadata" not in svg
    assert not [url for url in re.findall(r'https?://[^"\s]+', svg) if "www.w3.org" not in url]  # names, not addresses


def test_scores_have_their_methods_and_an_axis():
    rows = [("ann", "ours", 10.0, 9.0, 11.0), ("ann", "b & c", 12.0, np.nan, np.nan)]
    svg = score_chart(rows, "average pixel distance", 'what "it" shows')
    check(svg)
    assert {"ours", "b & c", "average pixel distance"} <= texts(svg) and svg == score_chart(
        rows, "average pixel distance", 'what "it" shows'
    )
    assert "ours, ann" in texts(score_chart([*rows, ("bea", "ours", 9.0, 8.0, 10.0)], "d", "l"))


def test_losses_have_a_panel_each_also_those_that_begin_late():
    points = [
        {"clip": 1, "mask": 0.5},
        {"clip": 2, "mask": 0.4, "g_image": 1.0},
        {"clip": 3, "mask": 0.3, "g_image": 0.9},
    ]
    svg = loss_chart(points, "finetune ours.ann")
    check(svg)
    assert {"mask", "generator against D_I", "clips seen", "loss"} <= texts(svg)


def test_lines_and_the_fit():
    t = np.arange(30)
    svg = lines_chart({"ours": (t, np.sin(t) + 2), "theirs": (t, np.cos(t) + 2)}, "frame", "distance", "two lines")
    check(svg)
    assert {"frame", "distance", "ours", "theirs"} <= texts(svg)
    tracked = np.ones(30, bool)
    tracked[4:7] = False
    fit = (t / 20, t * 0.0, np.ones(5), np.sin(t)[:, None] * np.arange(8), np.zeros((30, 2, 2)), tracked, "the fit")
    svg = tracking_chart(*fit)
    check(svg)
    names = re.findall(r'id="(c[0-9a-f]{6}-\d+)"', svg)
    assert names and len(names) == len(set(names))
    assert {"error, %", "seconds", "degrees", "component"} <= texts(svg) and svg == tracking_chart(*fit)
