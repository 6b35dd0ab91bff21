"""Take in a person's bundle: check it, and put it into people/ under the person's name."""

from __future__ import annotations

import shutil
from pathlib import Path

from h2h import layout
from h2h.config.base import check_name
from h2h.errors import UserError
from h2h.io.atomic import replacing


def install_person(bundle: Path, prefix: str, dry_run: bool) -> list[str]:
    """Check a bundle and install it unless this is a dry run.

    Args:
        bundle: the file.
        prefix: before the person's name, where that is taken.
        dry_run: write nothing.

    Returns:
        What to tell.

    Raises:
        UserError: it is damaged, its head model is not here, or the name is taken; nothing was changed.
    """
    from h2h.io.cards import sha256
    from h2h.person.bundle import SUFFIX, read_person
    from h2h.person.describe import describe
    from h2h.person.load import IMPORTED, head_model_here

    person = read_person(bundle, head_model_here())
    try:
        name = check_name(f"{prefix}{person.name}")
    except ValueError as error:
        raise UserError(f"--as {prefix!r}: {error}", "take fewer letters, digits, '_' and '-'") from None
    target, told = IMPORTED / f"{name}{SUFFIX}", describe(person.card, bundle)
    if (layout.PEOPLE / name).is_dir():
        raise UserError(f"the project has a person {name}", "give the bundle another name: `--as their-`")
    if target.exists() and sha256(target) != sha256(bundle):
        raise UserError(f"{target} is another bundle", "remove it first, or give this one another name: `--as new-`")
    if dry_run:
        return [*told, "Nothing was written (--dry-run)."]
    with replacing(target) as temporary:
        shutil.copyfile(bundle, temporary)
    return [*told, f"{target} is there: `h2h reenact SOURCE {name} -o out.mp4`, `h2h live {name}`."]
