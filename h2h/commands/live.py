"""`h2h live`: a person, driven by a camera, in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import numpy as np

    from h2h.io.camera import Captured
    from h2h.io.record import Ingredient

log = logging.getLogger("h2h")


@click.command()
@click.argument("target")
@click.option("--camera", default="0", show_default=True, help="number or device, such as /dev/video0")
@click.option("--file", type=click.Path(path_type=Path), help="a video instead of a camera, played over and over")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535), help="of the page")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on; others can then watch")
@click.option("--mode", type=click.Choice(["head", "face", "expression"]), help="[default: as params.yaml had it]")
@click.option(
    "--background", default="plate", show_default=True, help="plate (the person's own), transparent, #00ff00, a picture"
)
@click.option("--recordings", type=click.Path(path_type=Path), default="recordings", show_default=True, help="folder")
@click.option("--virtual-camera", is_flag=True, help="also show the pictures as a camera (needs pyvirtualcam)")
@click.option("--threads", default=0, show_default=True, type=click.IntRange(0), help="of the network; 0: all cores")
def command(
    target: str,
    camera: str,
    file: Path | None,
    port: int,
    host: str,
    mode: str | None,
    background: str,
    recordings: Path,
    virtual_camera: bool,
    threads: int,
) -> None:
    """Drive a trained person with a camera, and watch in the browser.

    \b
    h2h live franck                         the first camera; open the address that is printed
    h2h live franck.h2hperson --file me.mp4 a file instead of a camera

    TARGET is a person fine-tuned in this project, an imported one, or a .h2hperson file. The page has the picture, the
    source with its landmarks, frame rate, latency and the time of every stage; buttons to calibrate (look straight
    ahead, without expression), to record (on this machine, with Content Credentials), and to switch what is transferred
    and the background. Frames that the machine has no time for are dropped: the picture does not fall behind.

    The server listens on this machine only (--host lets others in), and its address holds a token that other pages
    do not know.
    """
    from h2h.io.local_port import LOOPBACK, listen
    from h2h.live.server import Server
    from h2h.live.session import PICTURE, Session
    from h2h.live.streaming import StreamingReenactment
    from h2h.person.person import Person

    with ExitStack() as stack:
        listening = stack.enter_context(listen(host, port))
        picture, name = _background(background)
        source, ingredient = _source(camera, file)
        person = Person.load(target)
        send = None
        if virtual_camera:
            from h2h.io.virtual_camera import VirtualCamera
            from h2h.person.record import driven_record

            shown = mode or person.card.synthesize.mode
            record = driven_record(person.card, f"live.{person.name}", shown, ingredient)
            device = stack.enter_context(VirtualCamera(person.card.fps, record.number))
            send = device.send
            click.echo(f"virtual camera: {device.name}")
        stream = StreamingReenactment(person, mode, person.plate, threads)
        if picture is not None:
            from h2h.reenactment.backgrounds import cover

            picture = cover(picture, person.size)
        session = Session(stream, source, ingredient, recordings, picture, **({"send": send} if send else {}))
        session.set_background(PICTURE if picture is not None else name)
        server = Server(session, host, port, listening)
        if host not in LOOPBACK:
            log.warning("everybody who can reach %s and knows the address can watch and record", host)
        if not person.card.about.consent:
            log.warning("%s's consent is not recorded (identity.yaml)", person.name)
        click.echo(f"open {server.url}\nCtrl-C ends it")
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(server.run())


def _background(text: str) -> tuple[np.ndarray | None, str]:
    """A picture from a file, or the name of a background.

    Raises:
        UserError: it is neither.
    """
    from h2h.io.background_file import read_picture
    from h2h.reenactment.backgrounds import PLATE, TRANSPARENT, colour

    if text in (PLATE, TRANSPARENT) or colour(text, 1) is not None:
        return None, text
    return read_picture(Path(text)), text


def _source(camera: str, file: Path | None) -> tuple[Iterator[Captured], Ingredient]:
    from h2h.io.camera import camera_frames, played_frames
    from h2h.io.person_folder import clip_sha256
    from h2h.io.record import Ingredient
    from h2h.io.source_clip import only_clip

    if file is None:
        return camera_frames(camera), Ingredient("source", None, "camera")
    frames, clip = played_frames(file), only_clip(file)
    return frames, Ingredient("source", clip_sha256(clip), clip.name)
