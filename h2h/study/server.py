"""The server of a study: the page, its clips, and a place for the answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from h2h.errors import UserError
from h2h.io.answers import Answers, Conflict, Full
from h2h.io.local_port import LOOPBACK, hosts
from h2h.study.page import policy
from h2h.study.plan import Plan
from h2h.study.result import LARGEST, BadResult, read_result

HEADERS = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class StudyServer:
    """Serves one study.

    Args:
        page: folder with `index.html` and `clips`; nothing else of it is served.
        plan: of the study.
        answers: where they are kept.
        host: address that is listened on. On a loopback address the Host of every request must be this machine: a
            foreign name that points here is refused.
        port: of that address.
    """

    def __init__(self, page: Path, plan: Plan, answers: Answers, host: str, port: int):
        self._page, self._plan, self._answers = page, plan, answers
        self._html = (page / "index.html").read_text(encoding="utf-8")
        self._policy = policy(self._html)
        self._hosts = hosts(LOOPBACK, port) if host in LOOPBACK else None

    def application(self) -> web.Application:
        """What aiohttp runs."""
        app = web.Application(middlewares=[self._guard], client_max_size=LARGEST)
        app.router.add_get("/", self._index)
        app.router.add_get("/clips/{clip}.mp4", self._clip)
        app.router.add_post("/results", self._result)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self._hosts is not None and request.host not in self._hosts:
            raise web.HTTPForbidden(text="this server is for this machine only")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="another page asked")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _index(self, request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": self._policy}
        return web.Response(text=self._html, content_type="text/html", headers=headers)

    async def _clip(self, request: web.Request) -> web.FileResponse:
        clip = request.match_info["clip"]
        if clip not in self._plan.clips:
            raise web.HTTPNotFound
        return web.FileResponse(self._page / "clips" / f"{clip}.mp4")

    async def _result(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":  # a form of another page can send no JSON
            raise web.HTTPUnsupportedMediaType(text="send JSON")
        try:
            result = read_result(await request.read(), self._plan)
            new = await asyncio.to_thread(self._answers.store, result.submission, result.seed, result.canonical())
        except BadResult as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        except Conflict:
            raise web.HTTPConflict(text="other answers were sent under this name before") from None
        except Full:
            raise web.HTTPInsufficientStorage(text="this study takes no more answers") from None
        return web.Response(status=201 if new else 200, text="stored" if new else "stored before")


def check_page(page: Path, plan: Plan) -> None:
    """Refuse to serve a page that lacks something.

    Raises:
        UserError: naming the first file that is missing.
    """
    for name in ("index.html", *(f"clips/{clip}.mp4" for clip in plan.clips)):
        if not (page / name).is_file():
            raise UserError(f"{page / name} is missing", "restore the folder, or make a new study")
