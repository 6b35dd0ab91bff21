"""A study's folder: `page/` for the participants; the plan, the key and the answers beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from h2h.errors import UserError

REMEDY = "restore the folder, or make a new study with `h2h study build`"


@dataclass(frozen=True)
class StudyFolder:
    """Where a study's files lie.

    Attributes:
        path: the folder that the user named.
    """

    path: Path

    @property
    def page(self) -> Path:
        """What the participants get: index.html and clips."""
        return self.path / "page"

    @property
    def plan(self) -> Path:
        """What is shown."""
        return self.path / "study.json"

    @property
    def key(self) -> Path:
        """Which clip is what."""
        return self.path / "key.json"

    @property
    def answers(self) -> Path:
        """What the server received."""
        return self.path / "answers.sqlite"

    def read(self, path: Path) -> dict[str, Any]:
        """One of the JSON files.

        Raises:
            UserError: it is missing or no JSON object.
        """
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise UserError(f"{path} is missing: {self.path} holds no whole study", REMEDY) from error
        except (OSError, ValueError, RecursionError) as error:
            raise UserError(f"{path} cannot be read: {error}", REMEDY) from error
        if not isinstance(value, dict):
            raise UserError(f"{path} is no JSON object", REMEDY)
        return value
