"""Digests follow what is in the files."""

from __future__ import annotations

import os
from pathlib import Path

from h2h import provenance


def test_an_imported_model_counts_with_what_lies_beside_it(folder: Path):
    path = folder / "models" / "all_all_all.mat"
    assert provenance.imported_model("auto", str(path)) == ""
    path.parent.mkdir()
    path.write_bytes(b"one")
    assert provenance.imported_model("anny", str(path)) == ""
    first = provenance.imported_model("auto", str(path))
    (path.parent / "unrelated.pth").write_bytes(b"x")
    assert provenance.imported_model("lsfm", str(path)) == first != ""
    (path.parent / "lsfm_exp_30.dat").write_bytes(b"two")
    assert provenance.imported_model("lsfm", str(path)) != first


def test_fingerprint_follows_contents_not_times(folder: Path):
    person = folder / "ann"
    person.mkdir()
    (person / "clip.mp4").write_bytes(b"one")
    first = provenance.fingerprint("ann")
    os.utime(person / "clip.mp4", (5, 5))
    (person / "identity.yaml").write_text("role: train\n")
    (person / ".DS_Store").write_bytes(b"noise")
    assert provenance.fingerprint("ann") == first
    (person / "clip.mp4").write_bytes(b"two")
    second = provenance.fingerprint("ann")
    assert second != first
    (person / "more.mp4").write_bytes(b"")
    assert provenance.fingerprint("ann") != second


def test_a_collections_links_count(folder: Path):
    """Folders of scans are found through links at every level: what they lead to changes what is read."""
    for name in ("ann/smile", "bea/.old"):
        (folder / "scans" / name / "scans").mkdir(parents=True)
        (folder / "scans" / name / "scans/000.ply").write_bytes(b"one")
    seen = [provenance.collection("scans")]
    assert seen == [provenance.fingerprint("scans")]

    def changed() -> bool:
        seen.append(provenance.collection("scans"))
        return seen[-1] not in seen[:-1] and provenance.collection("scans") == seen[-1]

    link = folder / "scans/ann/frown"
    link.symlink_to("smile")
    assert changed()
    link.unlink()
    link.symlink_to("../bea/.old")
    assert changed()
    (folder / "scans/bea/.old/scans/000.ply").write_bytes(b"two!")
    assert changed()
    link.rename(folder / "scans/ann/grin")
    assert changed()
