"""What all pages share: style, scripts, two legends, and the list of pages for the menu."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from h2h.stages.page_data import Site, save

ASSETS = Path(__file__).parents[1] / "pages" / "assets"


def write_assets(site: Site, pages: dict[str, list[tuple[str, str]]]) -> None:
    """Write `assets`.

    Args:
        site: where.
        pages: group -> label and address from the first page, for the menu.
    """
    from h2h.evaluation import pictures
    from h2h.evaluation.flow_pictures import wheel

    folder = site.root / "assets"
    for path in sorted(ASSETS.iterdir()):
        if path.suffix in (".css", ".js"):
            save(folder / path.name, path.read_bytes())
    script = json.dumps(pages, ensure_ascii=False).replace("<", "\\u003c")
    save(folder / "pages.js", f"window.H2H_PAGES = {script};\n")
    save(folder / "flow_wheel.png", pictures.to_png(wheel()))
    ramp = np.tile(np.linspace(0, 100, 240, dtype=np.float32), (20, 1))
    save(folder / "heat.png", pictures.to_png(pictures.heat(ramp)))
