"""The local server of a live session: one page and one WebSocket.

Other pages in the same browser must not reach it: the page and the WebSocket need the session's token (its style and
script, which are the same for everybody, do not), and an Origin, where there is one, must be this server. While only
this machine can reach it, the Host must be a name of this machine: a foreign one that points here is refused. A server
for others has names that it cannot know.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from pydantic import Field, ValidationError

from h2h.config.base import Section
from h2h.io.local_port import LOOPBACK, hosts, is_local, reachable
from h2h.live.session import OLDEST, Session

PAGE = Path(__file__).parent / "page"
UNDERWAY = 2  # frames that a watcher has not yet confirmed
WATCHERS = 4
FILES = {"page.css": "text/css", "page.js": "text/javascript"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Command(Section):
    """What a page may ask for."""

    shown: int | None = Field(None, ge=0, description="number of the frame that was drawn")
    mode: str | None = Field(None, max_length=40, description="what to transfer")
    background: str | None = Field(None, max_length=40, description="what to put behind the person")
    calibrate: bool = Field(False, description="measure the source's face anew")
    record: bool | None = Field(None, description="begin or end a recording")


class Watcher:
    """One open page."""

    def __init__(self) -> None:
        self.newest: tuple[bytes, float] | None = None
        self.notes: list[str] = []
        self.underway = 0
        self.wake = asyncio.Event()


class Server:
    """Serves a session.

    Args:
        session: its `show` and `tell` are set.
        host: address to listen on.
        port: 0 for any.
    """

    def __init__(self, session: Session, host: str, port: int, listening: socket.socket):
        self._session, self._socket = session, listening
        self.token = secrets.token_urlsafe(16)
        self._hosts = hosts((*LOOPBACK, host), port) if is_local(listening) else None
        self.url = f"http://{reachable(listening, host)}/?token={self.token}"
        self._watchers: set[Watcher] = set()
        session.show = self._show
        session.tell = self._tell

    async def run(self) -> None:
        """Serve until the session ends.

        Raises:
            Exception: what ended the session, if that was a fault.
        """
        self._loop = asyncio.get_running_loop()
        app = web.Application(middlewares=[self._guard], client_max_size=4096)
        app.router.add_get("/", self._page)
        app.router.add_get("/ws", self._watch)
        app.router.add_get("/{file}", self._file)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.SockSite(runner, self._socket).start()
            self._session.start()
            while not self._session.ended.is_set():
                await asyncio.sleep(0.2)
            if self._session.failure is not None:
                self._note(str(self._session.failure))
                await asyncio.sleep(0.2)  # for the watchers to hear it
                raise self._session.failure
        finally:
            await asyncio.to_thread(self._session.stop)
            await runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        own = {request.host} if self._hosts is None else self._hosts
        if request.host not in own:
            raise web.HTTPForbidden(text="this server is for this machine only")
        origin = request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in own:
            raise web.HTTPForbidden(text="another page asked")
        if request.match_info.get("file") is None:
            given = request.query.get("token", "")
            if not secrets.compare_digest(given.encode(), self.token.encode()):
                raise web.HTTPForbidden(text="open the address that `h2h live` printed: it ends in a token")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=(PAGE / "index.html").read_text(encoding="utf-8"), content_type="text/html")

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["file"]
        if name not in FILES:
            raise web.HTTPNotFound
        return web.Response(text=(PAGE / name).read_text(encoding="utf-8"), content_type=FILES[name])

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        if len(self._watchers) >= WATCHERS:
            raise web.HTTPServiceUnavailable(text="too many pages are open")
        channel = web.WebSocketResponse(max_msg_size=4096, heartbeat=10, compress=False)
        watcher, sender = Watcher(), None
        self._watchers.add(watcher)  # at once: others may come while this one is answered
        try:
            await channel.prepare(request)
            await channel.send_json({"about": self._session.about()})
            sender = asyncio.create_task(self._send(channel, watcher))
            async for message in channel:
                if message.type == WSMsgType.TEXT:
                    await self._obey(message.data, watcher)
        finally:
            self._watchers.discard(watcher)
            if sender is not None:
                sender.cancel()
        return channel

    async def _send(self, channel: web.WebSocketResponse, watcher: Watcher) -> None:
        """The newest frame, and no more than a few that were not drawn yet: a slow page gets fewer, not older ones."""
        with contextlib.suppress(ConnectionError):
            while True:
                await watcher.wake.wait()
                watcher.wake.clear()
                while watcher.notes:
                    await channel.send_json({"note": watcher.notes.pop(0)})
                if watcher.newest is not None and watcher.underway < UNDERWAY:
                    (message, captured), watcher.newest = watcher.newest, None
                    if time.monotonic() - captured <= OLDEST:
                        watcher.underway += 1
                        await channel.send_bytes(message)

    async def _obey(self, text: str, watcher: Watcher) -> None:
        session = self._session
        try:
            command = Command.model_validate_json(text)
        except ValidationError:
            watcher.notes.append("the page asked for something unknown")
            watcher.wake.set()
            return
        if command.shown is not None:
            watcher.underway = max(watcher.underway - 1, 0)
            session.shown(command.shown)
        try:
            if command.mode is not None:
                session.set_mode(command.mode)
            if command.background is not None:
                session.set_background(command.background)
        except ValueError as error:
            watcher.notes.append(str(error))
        if command.calibrate:
            session.stream.calibrate()
        if command.record is not None:
            await asyncio.to_thread(session.record, command.record)
        watcher.wake.set()

    def _show(self, message: bytes, captured: float) -> None:
        self._loop.call_soon_threadsafe(self._offer, message, captured)

    def _offer(self, message: bytes, captured: float) -> None:
        for watcher in self._watchers:
            watcher.newest = (message, captured)
            watcher.wake.set()

    def _tell(self, text: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody watches any more
            self._loop.call_soon_threadsafe(self._note, text)

    def _note(self, text: str) -> None:
        for watcher in self._watchers:
            watcher.notes.append(text)
            watcher.wake.set()
