"""People by name, and the commands that pack them and take them in."""

import shutil

import pytest
from click.testing import CliRunner
from one_person import write_network

from h2h.commands import export, import_
from h2h.config import load_params
from h2h.errors import UserError
from h2h.io.cards import write_rejection
from h2h.person import load
from h2h.person.head import is_open
from h2h.person.person import Person
from h2h.person.record import driven_record


@pytest.fixture
def here(exported, tmp_path, monkeypatch):
    """A copy of the project in which `exported` was made."""
    folder = shutil.copytree(exported.parent, tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


def test_a_trained_person_is_exported_when_asked_for_and_again_after_a_training(here):
    path = here / "work/person/ann.h2hperson"
    path.parent.mkdir()
    shutil.copy(here / "ann.h2hperson", path)
    first, inode = Person.load("ann"), path.stat().st_ino
    assert path.stat().st_ino == inode
    write_network(here, load_params(), "ann", seed=1)
    path.write_bytes(b"of another version")
    assert Person.load("ann").model != first.model
    write_network(here, load_params(), "ann", seed=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("h2h.person.export.export_person", lambda *given: shutil.copy(here / "ann.h2hperson", given[3]))
        assert Person.load("ann").model == first.model


def test_a_bundle_that_is_being_copied_is_nobody(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    load.IMPORTED.mkdir()
    for name in ("bea", ".tmp-1-cyd"):
        (load.IMPORTED / f"{name}.h2hperson").touch()
    assert load.people(None) == ["bea"]


def test_and_again_after_a_change_of_how_a_source_is_followed(here, monkeypatch):
    path, made = here / "work/person/ann.h2hperson", []
    path.parent.mkdir()
    shutil.copy(here / "ann.h2hperson", path)
    monkeypatch.setattr("h2h.person.export.export_person", lambda *given: made.append(given))
    load.exported(load_params(), "ann")
    assert not made
    params = load_params()
    slower = params.synthesize.model_copy(update={"smooth_frames": params.synthesize.smooth_frames + 2})
    load.exported(params.model_copy(update={"synthesize": slower}), "ann")
    assert len(made) == 1


def test_and_again_after_a_change_of_consent_or_licence(here):
    path, identity = here / "work/person/ann.h2hperson", here / "data/identities/ann/identity.yaml"
    path.parent.mkdir()
    shutil.copy(here / "ann.h2hperson", path)
    identity.write_text("licence: none\nconsent: withdrawn\n")
    record = driven_record(Person.load("ann").card, "ann driven by me.mp4", "head")
    assert (record.consent, record.licence) == ("withdrawn", "none")
    inode = path.stat().st_ino
    Person.load("ann")
    assert path.stat().st_ino == inode


@pytest.mark.parametrize("lost", ["cache/ann", "head_model/head_model", "finetune/ours.ann"])
def test_a_card_that_is_gone_is_made_again(here, lost):
    (here / "work/person").mkdir()
    shutil.copy(here / "ann.h2hperson", here / "work/person/ann.h2hperson")
    (here / f"work/{lost}.json").unlink()
    with pytest.raises(UserError, match=f"{lost}.json is not there") as error:
        Person.load("ann")
    assert f"snakemake work/{lost}.json" in error.value.remedy


def test_whoever_was_rejected_since_is_not_drawn(here):
    (here / "work/person").mkdir()
    shutil.copy(here / "ann.h2hperson", here / "work/person/ann.h2hperson")
    write_rejection(here / "work/cache/ann.h5", "cache", "ann", "too few frames", "put a longer clip there")
    with pytest.raises(UserError, match=r"cache/ann.h5 was rejected: too few frames") as error:
        Person.load("ann")
    assert error.value.remedy == "put a longer clip there"


@pytest.mark.parametrize(
    ("name", "said", "remedy"),
    [
        ("cyd", "cyd is not trained .*: ann", "snakemake work/finetune/ours.cyd.json"),
        ("dan", "no person dan .*: ann", "data/identities/dan"),
        ("../ann", "neither a file nor a person", "name a person"),
        ("no.h2hperson", "no.h2hperson is missing", "h2h export"),
    ],
)
def test_who_is_not_there(here, name, said, remedy):
    (here / "data/identities/cyd").mkdir(exist_ok=True)
    with pytest.raises(UserError, match=said) as error:
        Person.load(name)
    assert remedy in error.value.remedy


def test_outside_a_project(tmp_path, monkeypatch, exported):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"no params.yaml"):
        Person.load("ann")
    assert Person.load(str(exported)).name == "ann"


def test_import_puts_it_under_its_name(exported, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(exported, "given.h2hperson")
    run = lambda *words: CliRunner().invoke(import_.command, words, catch_exceptions=False)  # noqa: E731
    assert "Nothing was written" in run("given.h2hperson", "--dry-run").output
    assert not (tmp_path / "people").exists()
    output = run("given.h2hperson").output
    assert "people/ann.h2hperson" in output and "licence CC0" in output and "SHA-256" in output
    run("given.h2hperson")  # the same once more
    assert Person.load("ann").name == "ann"
    (tmp_path / "people/ann.h2hperson").write_bytes(b"somebody else")
    with pytest.raises(UserError, match="another bundle"):
        run("given.h2hperson")
    run("given.h2hperson", "--as", "their-")
    assert Person.load("their-ann").name == "ann"
    (tmp_path / "data/identities/new-ann").mkdir(parents=True)
    with pytest.raises(UserError, match="has a person new-ann"):
        run("given.h2hperson", "--as", "new-")
    broken = bytearray(exported.read_bytes())
    broken[len(broken) // 2] ^= 1
    (tmp_path / "broken.h2hperson").write_bytes(broken)
    with pytest.raises(UserError, match="damaged"):
        run("broken.h2hperson", "--as", "broken-")
    assert not (tmp_path / "people/broken-ann.h2hperson").exists()


def test_the_export_command(here):
    run = lambda *words: CliRunner().invoke(export.command, words, catch_exceptions=False)  # noqa: E731
    assert "onnxruntime-f32" in run("ann", "-o", "out/a.h2hperson").output
    for words, said in (
        ((), "say what to export"), (("ann", "--init"), "say what to export"), (("ann", "-o", "a.zip"), "does not end"),
        (("bob",), "bob.safetensors is not there"), (("ann", "--experiment", "nearest_frame"), "fine-tunes nobody"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=said):
            run(*words)


def test_whose_licence_is_open(in_project):
    from h2h.head_models import bfm, eos, flame, ict, lsfm

    assert is_open("# Creative Commons CC0 1.0 Universal\n...") and is_open(ict.LICENCE)
    assert not any(is_open(module.LICENCE) for module in (bfm, eos, flame, lsfm))
    assert "/people/" in (in_project / ".gitignore").read_text().split()
