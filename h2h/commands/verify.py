"""`h2h verify FILE`: who made a video, from what, and whether it was altered afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from h2h.errors import UserError

if TYPE_CHECKING:
    from h2h.io.credentials import Credentials

ALTERED, STRIPPED, UNKNOWN = 3, 4, 5  # exit codes; 0 is untouched, 2 a file that cannot be read


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--known", type=click.Path(path_type=Path), help="a folder of signed videos: which of them is FILE a copy of?"
)
@click.pass_context
def command(context: click.Context, file: Path, known: Path | None) -> None:
    """Say in plain words who made FILE, from what, and whether it was altered afterwards.

    Exit code: 0 untouched since it was signed, 3 altered, 4 its credentials were removed but h2h's watermark is there,
    5 neither is there.
    """
    from h2h.io.credentials import NoCredentials, read_credentials

    if not file.is_file():
        raise UserError(f"{file} is missing" if not file.exists() else f"{file} is a folder", "name a video")
    try:
        said = read_credentials(file)
    except NoCredentials:
        context.exit(_without_credentials(file, known))
    for line in describe(file, said):
        click.echo(line)
    if said.intact:
        return
    if not said.forged:
        click.echo(f"  Watermark: {_mark_beside(file, said)}")
    context.exit(ALTERED)


def describe(file: Path, said: Credentials) -> list[str]:
    """What the Content Credentials say, in lines of plain words."""
    record = said.record
    lines = [f"{file}: {_plain(said.title)}"]
    kind = "synthesised by a trained model" if said.synthetic else "not declared as synthesised"
    made = f", made by {_plain(said.generator)}" + (f" on {_plain(said.created)}" if said.created else "")
    lines.append(f"  What:   {kind}{made}")
    if record:
        lines.append(f"          mode {_plain(record.get('mode'))}, network SHA-256 {_plain(record.get('model'))}")
        lines.append(
            f"  Whom:   shows {_plain(record.get('target'))}; consent: {_plain(record.get('consent'))}; "
            f"licence: {_plain(record.get('licence'))}"
        )
    for one in record.get("ingredients", []):
        digest = f"SHA-256 {_plain(one['sha256'])}" if one.get("sha256") else "no hash recorded"
        name = f" {_plain(one['name'])}" if one.get("name") else ""
        lines.append(f"  From:   {_plain(one.get('role'))}{name}, {digest}")
    return [*lines, f"  Signed: {_signature(said)}", f"  Since:  {_alteration(said)}"]


def _signature(said: Credentials) -> str:
    if said.local:
        return "with a key that h2h made on the machine where the video was written; nobody vouches for the name"
    if said.trusted:
        return f"by {_plain(said.signer)}"
    return f"by {_plain(said.signer)}, as the certificate says; it leads to no authority that this program knows"


def _alteration(said: Credentials) -> str:
    if said.intact:
        return "not altered since it was signed"
    if said.forged:
        return "ALTERED: the credentials themselves were changed after signing; do not rely on the lines above"
    return (
        "ALTERED: pictures, sound or their order were changed after signing (cut, trimmed, edited); "
        "the lines above are about the original"
    )


def _mark_beside(file: Path, said: Credentials) -> str:
    """Whether the pictures still carry the number that the manifest names."""
    from h2h.io.watermarked_video import read_watermark

    mark = read_watermark(file)
    if mark is None:
        return "none is left in the pictures: they may be others than those that were signed"
    if mark.number == said.watermark:
        return "the pictures still carry the number that the credentials name: they come from this video"
    return (
        f"the pictures carry the number {mark.number:08x}, another than the credentials: they come from another video"
    )


def _without_credentials(file: Path, known: Path | None) -> int:
    from h2h.io.watermarked_video import read_watermark

    mark = read_watermark(file)
    if mark is None:
        click.echo(f"{file}: carries neither Content Credentials nor h2h's watermark")
        click.echo("  Nothing says that h2h made it. That does not show that it is genuine.")
        return UNKNOWN
    click.echo(f"{file}: synthesised by h2h; its Content Credentials were removed")
    click.echo("  What:   its pictures carry h2h's invisible watermark; the file was encoded anew, or stripped")
    click.echo(
        f"  Number: {mark.number:08x} (confidence {mark.confidence:.1f}, {mark.scale:.0%} of the original's size)"
    )
    if known is None:
        click.echo("  Whose:  whoever has the original finds it with `h2h verify FILE --known FOLDER`")
        return STRIPPED
    originals = [path for path, number in _signed_videos(known) if number == mark.number]
    for original in originals:
        click.echo(f"  Whose:  a copy of {original}; `h2h verify` of that says who and what")
    if not originals:
        click.echo(f"  Whose:  of no video in {known}")
    return STRIPPED


def _signed_videos(folder: Path) -> list[tuple[Path, int | None]]:
    """The untouched videos in a folder and below, and the number of their watermark."""
    from h2h.io.credentials import NoCredentials, read_credentials
    from h2h.io.video import VIDEO_SUFFIXES

    if not folder.is_dir():
        raise UserError(f"{folder} is no folder", "name a folder of videos that h2h wrote")
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = path.name.startswith(".")  # one that is being written
        if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file() and not hidden:
            try:
                said = read_credentials(path)
            except NoCredentials:
                continue
            found += [(path, said.watermark)] if said.intact else []
    return found


def _plain(value: Any) -> str:
    """Text out of a file that somebody sent: no control characters reach the terminal, and no page of it."""
    if value is None:
        return "none"
    text = "".join(letter if letter.isprintable() else "?" for letter in str(value))
    return text if len(text) <= 200 else f"{text[:200]}..."
