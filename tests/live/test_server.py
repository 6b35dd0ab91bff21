"""The server of a live session, asked over real sockets."""

import asyncio
import time
from contextlib import asynccontextmanager

import aiohttp
import aiohttp.web
import cv2
import numpy as np
import pytest
from chromium import PROGRAM, opened

from h2h.errors import UserError
from h2h.io.camera import Captured
from h2h.io.credentials import read_credentials
from h2h.io.local_port import listen
from h2h.io.record import Ingredient
from h2h.live.message import unpack
from h2h.live.server import WATCHERS, Server
from h2h.live.session import Session
from h2h.live.streaming import StreamingReenactment


def played(face, rate=15.0, count=10**9, ended=None):
    """A face that moves a little, as a camera would give it."""
    for number in range(count):
        image = np.full((300, 420, 3), 120, np.uint8)
        x = 80 + int(5 * np.sin(number / 3))
        image[20:276, x : x + 256] = face
        yield Captured(number, time.monotonic(), number / rate, image)
        time.sleep(1 / rate)
    if ended is not None:
        raise ended


@asynccontextmanager
async def serving(ann, face, folder, host="127.0.0.1", port=None, **more):
    """A running server, its place and its task; it may take itself to be at another port."""
    stream = StreamingReenactment(ann, background=ann.plate, threads=1, runtime="onnxruntime-f32")
    session = Session(stream, played(face, **more), Ingredient("source", None, "camera"), folder)
    with listen(host, 0) as listening:
        free = listening.getsockname()[1]
        server = Server(session, host, port or free, listening)
        task = asyncio.create_task(server.run())
        try:
            yield server, f"127.0.0.1:{free}", task
        finally:
            session.ended.set()
            await asyncio.gather(task, return_exceptions=True)


class Page:
    """What the page does, without a browser."""

    def __init__(self, channel):
        self.channel, self.about, self.notes = channel, None, []

    async def frame(self, confirm=True):
        """Header and pictures of the next frame."""
        while True:
            message = await self.channel.receive(timeout=60)
            if message.type == aiohttp.WSMsgType.BINARY:
                header, pictures = unpack(message.data)
                if confirm:
                    await self.channel.send_json({"shown": header["number"]})
                return header, [cv2.imdecode(np.frombuffer(p, np.uint8), -1) for p in pictures]
            assert message.type == aiohttp.WSMsgType.TEXT, message
            text = message.json()
            self.about = text.get("about", self.about)
            self.notes += [text["note"]] if "note" in text else []

    async def until(self, condition):
        for _ in range(400):
            header, pictures = await self.frame()
            if condition(header, pictures):
                return header, pictures
        raise AssertionError("it did not come true")

    async def ask(self, **command):
        await self.channel.send_json(command)


@asynccontextmanager
async def page_of(server, place):
    async with aiohttp.ClientSession() as client:
        async with client.ws_connect(f"http://{place}/ws?token={server.token}", origin=f"http://{place}") as channel:
            yield Page(channel)


def test_a_page_watches_switches_and_records(ann, face, tmp_path):
    async def watch():
        async with serving(ann, face, tmp_path / "films") as (server, place, _), page_of(server, place) as page:
            header, (picture, source) = await page.until(lambda header, _: header["face"])
            assert picture.shape == (32, 32, 3) and source.shape[0] == 144
            assert (source.astype(int) - (120, 120, 120)).std() > 10
            assert page.about["modes"] == ["head", "face", "expression"] and page.about["consent"] == "asked twice"
            assert header["mode"] == "head" and header["background"] == "plate" and not header["recording"]

            await page.ask(background="#00ff00", mode="face")
            header, (picture, _) = await page.until(lambda header, _: header["background"] == "#00ff00")
            assert header["mode"] == "face"
            await page.ask(background="transparent")
            await page.until(lambda _, pictures: pictures[0].shape == (32, 32, 4))
            await page.ask(background="url(evil)")
            await page.ask(background="plate")
            await page.until(lambda *_: page.notes and "no background" in page.notes[-1])

            assert header["calibrating"] == "first"
            await page.ask(calibrate=True)
            await page.until(lambda header, _: header["calibrating"] == "asked")

            await page.ask(record=True)
            await page.until(lambda header, _: header["recording"])
            await page.ask(mode="head")
            await page.until(lambda *_: any("stop the recording" in note for note in page.notes))
            for _ in range(5):
                header, _ = await page.frame()
            assert header["mode"] == "face"
            await page.ask(record=False)
            await page.until(lambda *_: any("saved" in note for note in page.notes))
            await page.until(lambda header, _: header["statistics"]["frames"] > 10)
            statistics = (await page.frame())[0]["statistics"]
            assert statistics["fps"] > 0 and statistics["drawn"]
            assert list(statistics["stages"])[:2] == ["landmarks", "fit"] and "encode" in statistics["stages"]

            await page.channel.send_str('{"run": "rm -rf /"}')
            await page.until(lambda *_: any("unknown" in note for note in page.notes))

    asyncio.run(watch())
    film = next((tmp_path / "films").glob("ann-*.mp4"))
    found = read_credentials(film)
    assert found.synthetic and found.intact and found.record["mode"] == "face"
    assert [path.name for path in film.parent.iterdir()] == [film.name]


def test_a_page_that_does_not_confirm_gets_no_more(ann, face, tmp_path):
    async def watch():
        async with serving(ann, face, tmp_path) as (server, place, _), page_of(server, place) as page:
            await page.frame(confirm=False)
            await page.frame(confirm=False)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(page.frame(confirm=False), 1.5)
        async with serving(ann, face, tmp_path) as (server, place, _), page_of(server, place) as page:
            await page.frame(confirm=False)
            await asyncio.sleep(1.0)  # meanwhile others come
            await page.ask(shown=0)
            numbers = [(await page.frame())[0]["number"] for _ in range(3)]
            assert numbers == sorted(set(numbers)) and numbers[-1] >= 3

    asyncio.run(watch())


def test_strangers_are_refused(ann, face, tmp_path):
    async def ask():
        async with serving(ann, face, tmp_path) as (server, place, _), aiohttp.ClientSession() as client:
            own = f"token={server.token}"

            async def status(path, **headers):
                async with client.get(f"http://{place}{path}", headers=headers) as answer:
                    return answer.status

            assert await status(f"/?{own}") == 200
            assert [await status(f"/{name}") for name in ("page.js", "page.css", "index.html", "..%2fserver.py")] == [
                200, 200, 404, 404
            ]  # fmt: skip
            assert await status("/") == 403 and await status("/?token=x") == 403 and await status("/ws?token=") == 403
            assert await status(f"/?{own}", Origin="http://evil.example") == 403
            assert await status(f"/ws?{own}", Origin="null") == 403
            assert await status(f"/?{own}", Host="evil.example") == 403  # a name that points to this machine
            assert await status(f"/?{own}", Host=place.replace("127.0.0.1", "localhost")) == 200
            for origin in ("http://evil.example", f"https://{place}", f"http://{place}.evil.example"):
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await client.ws_connect(f"http://{place}/ws?{own}", origin=origin)
            async with client.get(f"http://{place}/?{own}") as answer:
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["Referrer-Policy"] == "no-referrer"

    asyncio.run(ask())


def test_no_more_pages_than_are_allowed_even_if_they_come_together(ann, face, tmp_path, monkeypatch):
    prepare, together = aiohttp.web.WebSocketResponse.prepare, asyncio.Event()

    async def slowly(channel, request):
        await together.wait()
        return await prepare(channel, request)

    monkeypatch.setattr(aiohttp.web.WebSocketResponse, "prepare", slowly)

    async def ask():
        async with serving(ann, face, tmp_path) as (server, place, _), aiohttp.ClientSession() as client:
            at = f"http://{place}/ws?token={server.token}"
            pages = [asyncio.create_task(client.ws_connect(at)) for _ in range(WATCHERS + 2)]
            await asyncio.sleep(0.5)
            together.set()
            found = await asyncio.gather(*pages, return_exceptions=True)
            refused = [one.status for one in found if isinstance(one, aiohttp.WSServerHandshakeError)]
            assert refused == [503, 503]

    asyncio.run(ask())


def test_a_page_that_could_not_be_greeted_takes_no_place(ann, face, tmp_path, monkeypatch):
    async def gone(channel, message):
        raise ConnectionResetError("Cannot write to closing transport")

    async def ask():
        async with serving(ann, face, tmp_path) as (server, place, _), aiohttp.ClientSession() as client:
            with monkeypatch.context() as patch:
                patch.setattr(aiohttp.web.WebSocketResponse, "send_json", gone)
                for _ in range(WATCHERS):
                    channel = await client.ws_connect(f"http://{place}/ws?token={server.token}")
                    await channel.receive(timeout=60)
            async with page_of(server, place) as page:
                await page.frame()

    asyncio.run(ask())


def test_at_the_default_port_a_browser_names_none(ann, face, tmp_path):
    async def ask():
        serving_web = serving(ann, face, tmp_path, port=80)
        async with serving_web as (server, place, _), aiohttp.ClientSession() as client:

            async def status(**headers):
                async with client.get(f"http://{place}/?token={server.token}", headers=headers) as answer:
                    return answer.status

            assert await status(Host="localhost", Origin="http://localhost") == 200
            assert await status(Host="evil.example") == 403
            assert await status(Host="localhost", Origin="http://evil.example") == 403

    asyncio.run(ask())


def test_other_machines_are_served_when_asked_for(ann, face, tmp_path):
    """Others reach it by a name that the server does not know; the token is what they must have."""

    async def ask():
        serving_others = serving(ann, face, tmp_path, host="0.0.0.0")
        async with serving_others as (server, place, _), aiohttp.ClientSession() as client:
            own, studio = f"token={server.token}", f"studio.example:{place.split(':')[1]}"
            assert "0.0.0.0" not in server.url
            async with client.get(server.url) as answer:
                assert answer.status == 200

            async def status(path, **headers):
                async with client.get(f"http://{place}{path}", headers={"Host": studio} | headers) as answer:
                    return answer.status

            assert await status(f"/?{own}") == 200 and await status(f"/?{own}", Origin=f"http://{studio}") == 200
            assert await status("/") == 403 and await status("/?token=x") == 403 and await status("/ws?token=") == 403
            for origin in ("http://evil.example", f"http://{place}", "null"):
                assert await status(f"/?{own}", Origin=origin) == 403
            at = f"http://{place}/ws?{own}"
            async with client.ws_connect(at, origin=f"http://{studio}", headers={"Host": studio}) as channel:
                assert "about" in await channel.receive_json()

    asyncio.run(ask())


def test_what_ends_the_session_is_told(ann, face, tmp_path):
    async def watch():
        fault = UserError("the camera gives no picture any more", "plug it in")
        async with serving(ann, face, tmp_path, count=6, ended=fault) as (_, _, task):
            with pytest.raises(UserError, match="no picture any more"):
                await asyncio.wait_for(task, 60)

    asyncio.run(watch())


def test_a_port_in_use():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} .*in use") as error:
            listen("127.0.0.1", port)
        assert f"--port {port + 1}" in error.value.remedy


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")
def test_in_a_browser(ann, face, tmp_path):
    """The page draws, follows its buttons, and keeps to its own policy; the screenshots are for people."""

    async def browse():
        async with serving(ann, face, tmp_path / "films") as (server, _, _), opened(server.url) as tab:
            await tab.until("Number(document.getElementById('latency').textContent) > 0")
            await tab.until("document.getElementById('stages').rows.length >= 6")
            assert await tab.run("document.getElementById('name').textContent") == "ann"
            await tab.picture(tmp_path / "light.png")
            alpha = "document.getElementById('picture').getContext('2d').getImageData(0, 0, 32, 32).data[3]"
            assert await tab.run(alpha) == 255
            choose = "(() => {{ const s = document.getElementById('{0}'); s.value = '{1}'; s.onchange(); return 1 }})()"
            await tab.run(choose.format("background", "transparent"))
            await tab.until(f"{alpha} < 255")
            await tab.run(choose.format("background", "colour"))
            await tab.until("!document.getElementById('colour').hidden")
            await tab.run("document.getElementById('record').click()")
            await tab.until("!document.getElementById('red').hidden")
            await tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
            await tab.picture(tmp_path / "dark.png")
            await tab.run("document.getElementById('record').click()")
            await tab.until("document.getElementById('note').textContent.includes('saved')")

    asyncio.run(browse())
    light, dark = (cv2.imread(str(tmp_path / f"{name}.png")) for name in ("light", "dark"))
    assert light[5, 5].min() > 200 and dark[5, 5].max() < 60
    assert len(list((tmp_path / "films").glob("*.mp4"))) == 1
