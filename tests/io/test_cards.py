"""Cards, and the artifacts beside them."""

import os

import pytest

from h2h.io.cards import is_rejected, write_rejection


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_rejection_leaves_the_cached_file_alone(tmp_path, link):
    """DVC may put links to its cache where the artifacts are."""
    cached, artifact = tmp_path / "cached", tmp_path / "ann.h5"
    cached.write_bytes(b"of an earlier run")
    link(cached, artifact)
    write_rejection(artifact, "frames", "ann", "too short", "film longer")
    assert is_rejected(artifact) and artifact.read_bytes() == b"" and not artifact.is_symlink()
    assert cached.read_bytes() == b"of an earlier run"
