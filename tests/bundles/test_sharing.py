"""From one project to another: export, import, fine-tuning from the same weights."""

import click.testing
import pytest
import torch
from tiny_head import head_model, shifted

from h2h import layout
from h2h.commands.export import command as export_command
from h2h.commands.export import export_init
from h2h.commands.import_ import command as import_command
from h2h.config import load_params
from h2h.errors import UserError
from h2h.io.bundle import read_card_of
from h2h.io.cards import read_card
from h2h.io.checkpoint import load_checkpoint
from h2h.tracking.head_model import save_head_model


def call(command, *arguments):
    done = click.testing.CliRunner().invoke(command, [str(a) for a in arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def flat(path):
    state, _ = load_checkpoint(path)
    return {f"{group}/{key}": tensor for group, part in state.items() for key, tensor in part.items()}


def test_a_newcomer_only_fine_tunes(trained, bundle, newcomer):
    told = call(import_command, bundle)
    params = load_params()
    assert params.pretrain.imported.startswith("models/ours-") and "It fits: ours" in told
    who = layout.cast(params)  # nobody to train on is no mistake any more
    assert who.initialise["default"] == () and layout.quickstart(params, who).pretrained == ("ours.default",)

    network = newcomer.run("pretrain", "ours.default")
    before, after = flat(trained.path / "work/pretrain/ours.default.safetensors"), flat(network)
    assert before.pop("image/rows").shape == (2, 16) and after.pop("image/rows").shape == (0, 16)
    assert before.keys() == after.keys() and all(torch.equal(before[key], after[key]) for key in before)
    card = read_card(network)["summary"]
    assert card["people"] == [] and card["imported"]["people"] == 2
    assert card["curves"] == read_card(trained.path / "work/pretrain/ours.default.safetensors")["summary"]["curves"]

    tuned = newcomer.run("finetune", "ours.c")
    if not (trained.path / "work/cache/c.h5").exists():
        trained.person("c", 2)
    there = flat(trained.run("finetune", "ours.c"))
    here = flat(tuned)
    assert there.keys() == here.keys()
    for key in there:
        torch.testing.assert_close(here[key], there[key], rtol=0, atol=0)
    assert read_card(tuned)["summary"]["imported"]["bundle"] == params.pretrain.imported.split("/")[1]


def test_importing_again_changes_nothing(bundle, newcomer):
    call(import_command, bundle)
    before = (newcomer.path / "params.yaml").read_text(), sorted(p.name for p in (newcomer.path / "models").iterdir())
    call(import_command, bundle)
    assert before == (
        (newcomer.path / "params.yaml").read_text(),
        sorted(p.name for p in (newcomer.path / "models").iterdir()),
    )


def test_a_dry_run_only_tells(bundle, newcomer):
    before = (newcomer.path / "params.yaml").read_text()
    told = call(import_command, bundle, "--dry-run")
    assert "trained on 2 people" in told and "1 x CC0" in told and "vid2vid: the method" in told
    assert (newcomer.path / "params.yaml").read_text() == before and not list((newcomer.path / "models").iterdir())


def test_names_stay_out_unless_asked_for(trained, bundle, tmp_path, monkeypatch):
    card = read_card_of(bundle)
    assert card["people"] == {
        "count": 2, "names": [], "credits": [], "licences": {"CC BY 4.0": 1, "CC0": 1}, "consented": 1,
    }  # fmt: skip
    content = bundle.read_bytes()
    assert b"Anna" not in content and b"frames" not in content.split(b'"people"')[1][:200]
    assert str(trained.path).encode() not in content
    monkeypatch.chdir(trained.path)
    told = call(export_command, "--init", "--people", "-o", tmp_path / "named.h2hinit")
    named = read_card_of(tmp_path / "named.h2hinit")["people"]
    assert named["names"] == ["a", "b"] and named["credits"] == ["Anna A."] and "a, b" in told


def test_named_people_come_with_their_rows(trained, newcomer, monkeypatch):
    with monkeypatch.context() as there:
        there.chdir(trained.path)
        export_init(load_params(), "ours", "default", True, newcomer.path / "named.h2hinit")
    newcomer.person("a", 0)
    assert "also here: a" in call(import_command, "named.h2hinit")
    after = flat(newcomer.run("pretrain", "ours.default"))
    assert torch.equal(after["image/rows"], flat(trained.path / "work/pretrain/ours.default.safetensors")["image/rows"])


def test_the_same_network_gives_the_same_bundle(trained, bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(trained.path)
    export_init(load_params(), "ours", "default", False, tmp_path / "again.h2hinit")
    assert (tmp_path / "again.h2hinit").read_bytes() == bundle.read_bytes()


@pytest.mark.parametrize(
    "section, key, value",
    [("network", "filters", 8), ("losses", "mask", 3.0), ("image", "size", 40), ("nmfc", "region", "head")],
)
def test_a_project_that_differs_is_told_where(bundle, newcomer, section, key, value):
    newcomer.change(**{section: {key: value}})
    with pytest.raises(UserError, match=rf"fits no experiment.*{section}\.{key}"):
        call(import_command, bundle)
    assert load_params().pretrain.imported is None


def test_another_head_model_is_refused(bundle, newcomer):
    path = newcomer.path / "work/head_model/head_model.h5"
    save_head_model(head_model(identity=5), path)
    with pytest.raises(UserError, match=r"another head model.*4 identity there and 5 here"):
        call(import_command, bundle)
    path.unlink()  # not built yet: then the stage compares
    call(import_command, bundle)
    save_head_model(shifted(head_model(), 400), path)
    with pytest.raises(UserError, match="colours differ"):
        newcomer.run("pretrain", "ours.default")


def test_an_experiment_that_differs_gets_a_message_and_may_train_here(bundle, newcomer):
    call(import_command, bundle)
    with pytest.raises(UserError, match="the method is ours there and vid2vid here") as error:
        newcomer.run("pretrain", "vid2vid.default", experiment="vid2vid")
    assert "pretrain.imported: null" in error.value.remedy
    newcomer.change(experiments={"vid2vid": {"changes": {"pretrain.imported": None}}})
    assert load_params().imported("vid2vid") is None and load_params().imported("ours")
    assert load_params().imported("many") is None  # it is scored on the network's own people


def test_what_lies_in_models_must_be_what_was_imported(bundle, newcomer):
    call(import_command, bundle)
    path = newcomer.path / load_params().pretrain.imported
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(UserError, match="is not what `h2h import` put there"):
        newcomer.run("pretrain", "ours.default")
    path.unlink()
    with pytest.raises(UserError, match="is missing"):
        newcomer.run("pretrain", "ours.default")


def test_what_cannot_be_exported(trained, bundle, newcomer):
    with pytest.raises(UserError, match="there is no multi-person network"):
        call(export_command, "--init")
    with pytest.raises(UserError, match="no experiment other"):
        call(export_command, "--init", "--experiment", "other")
    with pytest.raises(UserError, match="say what"):
        call(export_command)
    with pytest.raises(UserError, match="does not end in"):
        call(export_command, "--init", "-o", "x.zip")
    call(import_command, bundle)
    newcomer.run("pretrain", "ours.default")
    with pytest.raises(UserError, match="is an imported network") as error:
        call(export_command, "--init")
    assert "models/ours-" in error.value.remedy
    assert not list(newcomer.path.glob("*.h2hinit"))


def test_a_bundle_takes_no_options_of_collections(bundle, newcomer):
    with pytest.raises(UserError, match="not a collection"):
        call(import_command, bundle, "--limit", 3)


def test_names_are_an_initialisations_only():
    with pytest.raises(UserError, match="--people is about an initialisation"):
        export_command.main(["franck", "--people"], standalone_mode=False)
