"""`h2h study serve`: the study's page, and a place for the answers."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import click

from h2h.io.local_port import LOOPBACK, listen, reachable

log = logging.getLogger("h2h")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--port", default=8780, show_default=True, type=click.IntRange(1, 65535), help="of the page")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on; 0.0.0.0: for others, too")
def command(folder: Path, port: int, host: str) -> None:
    """Serve the page of FOLDER and keep the answers in FOLDER/answers.sqlite.

    Each submission is stored once, however often it is sent. The server listens on this machine only; with --host
    everybody who reaches it can take part: put it behind a server with TLS for people elsewhere.
    """
    from aiohttp import web

    from h2h.io.answers import Answers
    from h2h.io.study_folder import StudyFolder
    from h2h.study.load import load_plan
    from h2h.study.server import StudyServer, check_page

    study = StudyFolder(folder)
    plan = load_plan(study)
    check_page(study.page, plan)
    with listen(host, port) as listening:
        server = StudyServer(study.page, plan, Answers(study.answers), host, port)
        if host not in LOOPBACK:
            log.warning("everybody who can reach %s can take part and see the clips", host)
        click.echo(f"open http://{reachable(listening, host)}/\nCtrl-C ends it")
        with contextlib.suppress(KeyboardInterrupt):
            web.run_app(server.application(), sock=listening, print=None, access_log=None)
