"""What many tests share: a real face, small videos."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


LONG = ("test_versions.py", "workflow", "faults", "training")  # files, and folders whose files, take minutes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: the processes that share the files then end at about the same time."""
    items.sort(key=lambda item: next((i for i, folder in enumerate(LONG) if folder in item.path.parts), len(LONG)))


@pytest.fixture(scope="session")
def face() -> np.ndarray:
    """A real face, (256, 256, 3) uint8: the astronaut that scikit-image ships (NASA, public domain)."""
    from skimage import data

    return np.ascontiguousarray(data.astronaut()[:256, 96:352])


@pytest.fixture(autouse=True)
def signing_key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests never touch the user's signing key."""
    monkeypatch.setenv("H2H_SIGNING_KEY", str(tmp_path_factory.getbasetemp() / "signing"))
    monkeypatch.delenv("H2H_SIGNING_CERT", raising=False)


@pytest.fixture
def in_project(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in the project's folder, where params.yaml lies."""
    monkeypatch.chdir(ROOT)
    return ROOT
