"""Three people with empty folders."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("ann", "bea", "cyd"):
        (tmp_path / name).mkdir()
    return tmp_path
