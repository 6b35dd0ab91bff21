"""The answers that a study's server received: one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from h2h.errors import UserError

MOST = 10_000  # submissions; a stranger cannot fill the disk
_TABLE = "CREATE TABLE IF NOT EXISTS answers (submission TEXT PRIMARY KEY, seed INTEGER UNIQUE, content TEXT NOT NULL)"


class Conflict(Exception):
    """Another submission has the same name or seed."""


class Full(Exception):
    """There are `MOST` submissions."""


class Answers:
    """The file; every call opens it anew, so that a killed server leaves nothing open.

    Args:
        path: made when the first answer comes.
    """

    def __init__(self, path: Path):
        self.path = path

    def store(self, submission: str, seed: int, content: str) -> bool:
        """Keep a submission.

        Args:
            submission: its name.
            seed: of the participant.
            content: canonical JSON.

        Returns:
            Whether it is new; False: the very same was stored before.

        Raises:
            Conflict: other content has this name, or another submission this seed.
            Full: there are too many.
        """
        with self._open() as base, base:
            base.execute("BEGIN IMMEDIATE")
            base.execute(_TABLE)
            for name, old in base.execute(
                "SELECT submission, content FROM answers WHERE submission = ? OR seed = ?", (submission, seed)
            ):
                if (name, old) != (submission, content):
                    raise Conflict
                return False
            if base.execute("SELECT count(*) FROM answers").fetchone()[0] >= MOST:
                raise Full
            base.execute("INSERT INTO answers VALUES (?, ?, ?)", (submission, seed, content))
        return True

    def contents(self) -> list[tuple[str, str]]:
        """Submission and content of all, sorted; none if nobody sent any.

        Raises:
            UserError: the file is damaged.
        """
        if not self.path.exists():
            return []
        with self._open() as base:
            base.execute(_TABLE)
            return [(str(name), str(content)) for name, content in base.execute(
                "SELECT submission, content FROM answers ORDER BY submission"
            )]  # fmt: skip

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as base:
                yield base
        except sqlite3.Error as error:
            raise UserError(f"{self.path} cannot be used: {error}", "restore it, or move it away") from error
