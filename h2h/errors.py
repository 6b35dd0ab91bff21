"""The errors that a user can cause, each with a remedy; the command line shows them without a traceback."""

from __future__ import annotations

MOST_SHOWN = 1800  # characters: what a library says of a hostile file may quote half of it


class UserError(Exception):
    """Something in the user's files, parameters or arguments is wrong.

    Args:
        what: what is wrong, naming the file and, where there is one, the frame or second.
        remedy: what to do about it.
    """

    def __init__(self, what: str, remedy: str = ""):
        what = what if len(what) <= MOST_SHOWN else what[: MOST_SHOWN - 1] + "…"
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}\n  What to do: {self.remedy}" if self.remedy else self.what


class Rejected(UserError):
    """One person's data cannot be used.

    The stage records the reason on the person's card, the stages after it pass it on, and
    everybody else's work goes on; the last rule of the run makes the exit code non-zero.
    """


class MissingAsset(UserError):
    """A file that cannot be shipped (licensed, or only on a hub) is not where it should be.

    Args:
        file: the file's name.
        source: where to ask for it.
        place: where to put it.
        default: the open default that is used when it is not asked for.
    """

    def __init__(self, file: str, source: str, place: str, default: str):
        super().__init__(
            f"{file} is missing at {place}",
            f"get it from {source} and put it there, or use the open default: {default}",
        )
