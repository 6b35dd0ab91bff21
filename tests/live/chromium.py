"""A headless Chromium that is told what to do over its debugging port."""

from __future__ import annotations

import asyncio
import base64
import itertools
import shutil
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0",
)  # fmt: skip


class Tab:
    """One page."""

    def __init__(self, channel: aiohttp.ClientWebSocketResponse):
        self._channel, self._numbers = channel, itertools.count(1)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._channel.send_json({"id": number, "method": method, "params": params})
        while True:
            answer = await self._channel.receive_json(timeout=60)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    async def run(self, script: str) -> Any:
        """The value of some JavaScript."""
        found = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, script: str, seconds: float = 60) -> Any:
        """Wait until some JavaScript is true."""
        for _ in range(int(seconds / 0.25)):
            value = await self.run(
                f"(() => {{ try {{ return {script} }} catch {{ return null }} }})()"
            )  # it still loads
            if value:
                return value
            await asyncio.sleep(0.25)
        raise AssertionError(f"{script} did not come true")

    async def picture(self, path: Path) -> None:
        """A screenshot."""
        found = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(found["data"]))


@asynccontextmanager
async def opened(url: str, width: int = 1000, height: int = 860):
    """A tab that shows a page."""
    folder = tempfile.mkdtemp()
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *QUIET, f"--user-data-dir={folder}", f"--window-size={width},{height}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        ready = Path(folder) / "DevToolsActivePort"
        for _ in range(240):
            if ready.exists() and ready.read_text().strip():
                break
            await asyncio.sleep(0.25)
        port = ready.read_text().split()[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [page for page in await answer.json(content_type=None) if page["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as channel:
                tab = Tab(channel)
                await tab.call("Page.enable")
                await tab.call("Page.navigate", url=url)
                yield tab
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(folder, ignore_errors=True)
