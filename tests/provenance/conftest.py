"""Folders in which nothing is remembered from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from h2h.provenance import contents, dvc_stages

ROOT = Path(__file__).parents[2]


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(ROOT)
    _forget()
    yield
    _forget()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    _forget()
    yield tmp_path
    _forget()


def _forget() -> None:
    for function in (dvc_stages.stages, dvc_stages.upstream, dvc_stages.code_digest, contents._known_contents):
        function.cache_clear()
