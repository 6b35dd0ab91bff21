"""The report from disk in a real browser: the player, the keys, the theme, the menu, a phone."""

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "live"))
from chromium import PROGRAM, opened

SHOWN = "document.querySelector('.player output').textContent"
KEY = "document.querySelector('.player').dispatchEvent(new KeyboardEvent('keydown', {{key: '{}', shiftKey: {}}}))"
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
BACK = "getComputedStyle(document.body).backgroundColor"


async def press(tab, key, shift=False):
    await tab.run(KEY.format(key, str(shift).lower()))


async def look(page):
    async with opened(page.as_uri(), 1280, 900) as tab:
        await tab.until(f"{SHOWN}.startsWith('frame 1 of 8')")
        await press(tab, "ArrowRight")
        await tab.until(f"{SHOWN}.startsWith('frame 2 of 8')")
        await press(tab, "End")
        await tab.until(f"{SHOWN}.startsWith('frame 8 of 8')")
        await press(tab, "Home")
        await tab.until(f"{SHOWN}.startsWith('frame 1 of 8')")
        assert await tab.run("document.querySelectorAll('.player')[0].querySelectorAll('canvas').length") == 4
        assert await tab.run("document.querySelectorAll('.player')[1].querySelectorAll('canvas').length") == 3
        split = "document.querySelector('.player .split input')"
        assert await tab.run(f"{split}.type === 'range' && !{split}.disabled")  # arrows move it
        await press(tab, " ")
        await tab.until("[...document.querySelectorAll('.player video')].some((v) => !v.paused)")
        await press(tab, " ")
        await tab.until("[...document.querySelectorAll('.player video')].every((v) => v.paused)")
        names = await tab.run("[...document.querySelectorAll('.player select')].map((s) => s.options.length)")
        assert names[1:3] == [3, 4]  # B can also be the truth

        await tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        light = await tab.run(BACK)
        await tab.run("for (const n of [1, 2]) document.getElementById('theme').click()")  # light, then dark
        assert await tab.run(BACK) != light and await tab.run("document.documentElement.dataset.theme") == "dark"
        await tab.run("document.getElementById('theme').click()")
        assert await tab.run(BACK) == light
        groups = await tab.run("[...document.querySelectorAll('#goto optgroup')].map((g) => g.label)")
        assert groups == ["Report", "Tables", "People", "Experiments"]
        assert await tab.run("document.getElementById('goto').selectedOptions[0].text") == "ann"

        root = page.parents[1]
        await tab.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
        for name in ("people/ann", "index", "results/table1", "experiments/ours", "data", "environment", "study"):
            await tab.call("Page.navigate", url=(root / f"{name}.html").as_uri())
            await tab.until(f"document.readyState === 'complete' && location.href.endsWith('{name}.html')")
            assert not await tab.run(WIDE), f"{name} is wider than a phone"
            broken = "[...document.images].filter((i) => i.loading !== 'lazy' && !i.naturalWidth).map((i) => i.src)"
            assert await tab.run(broken) == []


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")
def test_the_report_from_disk(report_site):
    asyncio.run(look(report_site / "reports/people/ann.html"))
