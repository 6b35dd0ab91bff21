"""The page in a real browser, from its first screen to the tables."""

import asyncio
import json
import sys
from pathlib import Path

import cv2
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "live"))
from chromium import PROGRAM, opened

from h2h.commands.study_tables import command as tables
from h2h.io.answers import Answers
from h2h.study.load import load_key, load_plan
from h2h.study.order import order
from h2h.study.page import policy, render
from h2h.study.server import StudyServer

READY = "document.querySelector('section:not([hidden]) fieldset').disabled === false"
FIELDS = "document.querySelectorAll('section:not([hidden]) fieldset input')"


def test_the_policy_names_the_script_and_the_style_alone(study):
    page = render(load_plan(study))
    assert policy(page).count("sha256-") == 2
    assert policy(page.replace('"use strict"', '"use  strict"')) != policy(page)


async def phone(tab):
    await tab.call(
        "Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True
    )  # fmt: skip


async def answer(tab, plan, key, trials):
    """Answer some trials: real clips get 5, synthesised ones 3, of a pair the left one is chosen."""
    clip_of = {one.trial: one.clip for one in plan.ratings}
    for trial, left in trials:
        await tab.until(READY)
        shown = await tab.run("[...document.querySelectorAll('section:not([hidden]) video')].map((v) => v.src)")
        clips = [Path(one).stem for one in shown]
        if left is None:
            assert clips == [clip_of[trial]]
            await tab.run(f"{FIELDS}[{4 if key.clips[clips[0]].real else 2}].click()")
        else:
            assert clips[1] == left
            await tab.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: '1'}))")
        await tab.run("document.getElementById('forward').click()")


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")
def test_from_the_first_screen_to_the_tables(study, tmp_path):
    plan, key = load_plan(study), load_key(study, load_plan(study))

    async def browse():
        port = unused_port()
        app = StudyServer(study.page, plan, Answers(study.answers), "127.0.0.1", port).application()
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            async with opened(f"http://127.0.0.1:{port}/") as tab:
                await tab.until("document.getElementById('howmany').textContent === '4'")
                assert await tab.run("document.getElementById('about').children.length") == 0  # its tags are text
                await tab.picture(tmp_path / "start.png")
                await tab.run("document.getElementById('begin').click()")
                trials = order(plan, await tab.run("kept.seed"))
                await answer(tab, plan, key, trials[:1])
                await tab.until(READY)
                await tab.picture(tmp_path / "rating.png")
                await tab.call("Page.reload")
                await tab.until("document.getElementById('count').textContent === '2 of 6'")
                await answer(tab, plan, key, trials[1:4])
                await tab.until(READY)
                await tab.picture(tmp_path / "preference.png")
                await phone(tab)
                await tab.picture(tmp_path / "preference-phone.png")
                assert await tab.run("document.documentElement.scrollWidth") == 390
                await answer(tab, plan, key, trials[4:])
                await tab.until("document.getElementById('sent').textContent.includes('have arrived')")
                await tab.picture(tmp_path / "end-phone.png")
                await tab.run("send()")  # once more: it is stored once
                await tab.until("document.getElementById('sent').textContent.includes('have arrived')")
                await tab.run("document.getElementById('next').click()")
                assert await tab.run("kept.answers.length") == 0
        finally:
            await runner.cleanup()

    asyncio.run(browse())
    assert cv2.imread(str(tmp_path / "start.png")) is not None
    done = CliRunner().invoke(tables, [str(study.path)], catch_exceptions=False)
    assert "1 participant." in done.output
    assert "| ann | 0 | 0 | 1 | 0 | 0 | 0% (0% to 79%) | 0 | 0 | 0 | 0 | 2 | 100% (21% to 100%) |" in done.output


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")
def test_from_a_file(study, tmp_path):
    """Without a server the answers are kept, and become a file that the tables read."""
    plan, key = load_plan(study), load_key(study, load_plan(study))

    async def browse():
        async with opened((study.page / "index.html").as_uri()) as tab:
            await tab.until("document.getElementById('howmany').textContent === '4'")
            await phone(tab)
            await tab.run("document.getElementById('begin').click()")
            await answer(tab, plan, key, order(plan, await tab.run("kept.seed"))[:2])
            await tab.until(READY)
            await tab.picture(tmp_path / "rating-phone.png")
            await tab.call("Page.reload")
            await tab.until("document.getElementById('count').textContent === '3 of 6'")
            await answer(tab, plan, key, order(plan, await tab.run("kept.seed"))[2:])
            await tab.until("!document.getElementById('end').hidden")
            await tab.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path / "saved"))
            assert await tab.run("document.getElementById('next').disabled")
            await tab.run("document.getElementById('save').click()")
            assert not await tab.run("document.getElementById('next').disabled")
            for _ in range(40):
                if found := list((tmp_path / "saved").glob("*.json")):
                    return found[0], await tab.run("document.getElementById('text').value")
                await asyncio.sleep(0.25)
            raise AssertionError("nothing was saved")

    file, text = asyncio.run(browse())
    assert json.loads(file.read_text()) == json.loads(text)
    done = CliRunner().invoke(tables, [str(study.path), str(file)], catch_exceptions=False)
    assert "1 participant." in done.output
