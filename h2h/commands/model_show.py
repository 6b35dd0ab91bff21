"""`h2h model show [FILE]`: a contact sheet of a head model, the pipeline's or a published one."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.commands.kinds import PngFile
from h2h.config import Params, load_params
from h2h.errors import UserError
from h2h.tracking.head_model import HeadModel, load_head_model

SOURCES = "lsfm bfm2009 bfm2017 bfm2019 flame ict surrey".split()


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--source", type=click.Choice(SOURCES), help="FILE is a published model in this format")
@click.option("--sheet", type=PngFile(), help="picture to write (default: head_model.png beside FILE)")
@click.option("--modes", type=click.IntRange(1, 40), default=8, show_default=True, help="components shown of each kind")
def command(file: Path | None, source: str | None, sheet: Path | None, modes: int) -> None:
    """Render a head model: its mean, and its first components at -2 and +2 standard deviations.

    Without FILE it is the profile's own. With --source, FILE is a published model as its authors give it out
    (asked for at ibug.doc.ic.ac.uk/resources/lsfm, faces.dmi.unibas.ch, flame.is.tue.mpg.de,
    github.com/USC-ICT/ICT-FaceKit, github.com/patrikhuber/eos); it is read, checked and completed as the stage
    head_model would, which shows whether landmarks and lids ended up in the right places before any video is tracked.
    """
    from h2h.commands.own_head_model import own_head_model
    from h2h.evaluation import pictures
    from h2h.head_models.contact_sheet import contact_sheet
    from h2h.io.atomic import replacing

    if source is not None:
        if file is None:
            raise UserError("--source needs the published model's FILE", "name it")
        model = _imported(source, file, load_params())
    else:
        is_own, file = file is None, own_head_model(file)
        try:
            model = load_head_model(file)
        except UserError as error:
            if is_own:
                raise
            raise UserError(error.what, "if it is a published model, say in which format: --source") from None
    click.echo(f"{len(model.mean)} vertices, {len(model.triangles)} triangles")
    click.echo(f"{len(model.identity_sigma)} identity and {len(model.expression_sigma)} expression components")
    click.echo(model.licence.strip().splitlines()[0])
    target = sheet or file.with_name("head_model.png")
    with replacing(target) as temporary:
        temporary.write_bytes(pictures.to_png(pictures.grid(contact_sheet(model, modes), side=160, label_width=170)))
    click.echo(f"contact sheet: {target}")


def _imported(source: str, file: Path, params: Params) -> HeadModel:
    from h2h.head_models.detected_points import detect_landmarks
    from h2h.head_models.formats import import_head_model
    from h2h.tracking.anny_head import build_anny_head

    s = params.head_model
    reference = build_anny_head(s.samples, min(s.identity, 88), s.expression, params.seed)
    return import_head_model(source, file, reference, s.identity, s.expression, detect_landmarks)
