"""A person as a file: what goes in comes out, without torch; what was altered does not."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from h2h.errors import UserError
from h2h.io.archive import read_description, read_member, write_archive
from h2h.io.cards import sha256
from h2h.io.h5 import reading
from h2h.person.bundle import KIND, LONGEST, digests, read_person
from h2h.person.card import ARRAYS, NETWORK
from h2h.person.person import Person
from h2h.render.conditioning import render_sequence
from h2h.tracking.head_model import load_head_model

NOWHERE = Path("nowhere")


def test_round_trip(exported):
    person = read_person(exported, NOWHERE)
    card, project = person.card, exported.parent
    assert (person.name, person.size, card.fps, card.tracked_frames) == ("ann", 32, 20.0, 18)
    with reading(project / "work/cache/ann.h5") as file:
        for key, value in vars(person.parameters).items():
            wanted = file[f"tracking/{key}"][:]
            np.testing.assert_array_equal(value, wanted if key == "identity" else wanted[:18])
        np.testing.assert_array_equal(person.segment, file["segment"][:18])
        assert card.cuts == [7]
    assert card.about.licence == "CC0" and card.about.consent == "asked twice" and card.about.source is None
    assert card.made_from.network == sha256(project / "work/finetune/ours.ann.safetensors")
    assert card.bytes[NETWORK] == len(person.model) and card.training.frames == 10
    assert set(card.speed.milliseconds) == set(card.speed.parity) and "onnxruntime-f32" in card.speed.order
    assert card.speed.parity["onnxruntime-f32"].largest < 0.1
    assert card.speed.frames == 9  # of 18 that may be seen; the others gave the 8-bit form its scales
    assert [(clip.crop, clip.width, clip.height) for clip in card.clips] == [([1.5, -2.0, 100.0], 320, 256)]
    assert card.clips[0].sha256 == sha256(project / "data/identities/ann/a.mp4")
    assert str(project).encode() not in exported.read_bytes()


def test_the_head_without_its_inside_draws_alike(exported):
    person = read_person(exported, NOWHERE)
    whole = load_head_model(exported.parent / "work/head_model/head_model.h5")
    tracked = {k: v if k == "identity" else v[:2] for k, v in vars(person.parameters).items()}
    first, second = (render_sequence(m, **tracked, size=64, region="face") for m in (whole, person.head_model))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    assert first.nmfc.any()


def test_loading_and_drawing_needs_no_torch(exported):
    code = (
        "import sys, numpy as np\n"
        "sys.modules['torch'] = None\n"  # an import of it now fails
        "from h2h.person.person import Person\n"
        f"person = Person.load({str(exported)!r})\n"
        "draw = person.renderer(threads=1)\n"
        "frame, mask = draw(*np.zeros((2, 32, 32, 3), np.uint8))\n"
        "print(frame.shape, frame.dtype, mask.shape)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=exported.parent)
    assert done.stdout.strip() == "(32, 32, 3) uint8 (32, 32)", done.stderr


def test_in_8_bits_almost_the_same_is_drawn(exported):
    person = read_person(exported, NOWHERE)
    nmfc, gaze = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    eight, full = (person.renderer(1, name)(nmfc, gaze)[0] for name in ("openvino-int8", "openvino-f32"))
    apart = np.abs(eight.astype(int) - full).mean()
    assert 0 < apart < 5 < full.std()


def test_a_bundle_without_an_8_bit_form(exported, tmp_path):
    def without(card):
        card.pop("peaks")  # as bundles of earlier versions
        card["speed"]["order"] = ["onnxruntime-f32"]

    person = read_person(rewritten(exported, tmp_path, card=without), NOWHERE)
    assert person.renderer(1)(*np.zeros((2, 32, 32, 3), np.uint8))[0].shape == (32, 32, 3)
    with pytest.raises(UserError, match="no 8-bit form"):
        person.renderer(1, "openvino-int8")


def test_a_runtime_that_this_machine_has_not_is_told(exported, monkeypatch):
    """Without the instructions for it int8 would run, and draw something else."""
    monkeypatch.setattr("h2h.person.speed.available", lambda: ("openvino-f32", "onnxruntime-f32"))
    person = read_person(exported, NOWHERE)
    with pytest.raises(UserError, match="openvino-int8 does not run, or not correctly") as error:
        person.renderer(1, "openvino-int8")
    assert "openvino-f32 or onnxruntime-f32" in error.value.remedy


def rewritten(bundle, folder, card=lambda card: None, arrays=lambda arrays: None, model=None, raw=None):
    """A bundle with another description, other arrays or another network, and right checksums."""
    values = read_description(bundle, KIND)
    contents = {name: read_member(bundle, KIND, name, LONGEST)[0] for name in KIND.members}
    tensors = {key: value.copy() for key, value in load(contents[ARRAYS]).items()}
    arrays(tensors)
    contents = {NETWORK: contents[NETWORK] if model is None else model, ARRAYS: save(tensors) if raw is None else raw}
    values["bytes"], values["sha256"] = digests(contents[NETWORK], tensors)
    if raw is not None:
        import hashlib

        values["sha256"][ARRAYS] = hashlib.sha256(raw).hexdigest()
    card(values)
    path = folder / "altered.h2hperson"
    write_archive(path, KIND, values, contents)
    return path


def refused(path, match):
    with pytest.raises(UserError, match=match) as error:
        read_person(path, NOWHERE)
    assert len(str(error.value)) < 2000 and error.value.remedy
    assert all(line.isprintable() for line in str(error.value).split("\n"))  # nothing steers the terminal


def test_unaltered_it_is_read(exported, tmp_path):
    assert read_person(rewritten(exported, tmp_path), NOWHERE).name == "ann"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.update(run="rm -rf /"), "unknown key run"),
        (lambda c: c.update(format=2), "format"),
        (lambda c: c.update(name="../ann"), "usable name"),
        (lambda c: c.update(what="\x1b[31m"), "printed"),
        (lambda c: c.update(intended_use="\x1b[31m"), "printed"),
        (lambda c: c["image"].update(size=100_000), "size"),
        (lambda c: c["image"].update(size=64), "plate"),
        (lambda c: c["network"].update(gaze=False), "inputs are"),
        (lambda c: c["network"].update(history_frames=1), "inputs are"),
        (lambda c: c["network"].update(condition_frames=10**6), "condition_frames"),
        (lambda c: c.update(tracked_frames=3), "tracked frames"),
        (lambda c: c.update(fps=0), "fps"),
        (lambda c: c["head_model"].update(colours=[1, 2, 3, 4, 5, 6]), "colours"),
        (lambda c: c["head_model"].update(expression=4), "expression"),
        (lambda c: c.update(head_model_inside=False), "not wanted"),
        (lambda c: c["clips"].append({"crop": [0, 0], "width": 1, "height": 1, "sha256": "0" * 64}), "crop"),
        (lambda c: c["speed"].update(order=["rm"]), "order"),
        (lambda c: c.update(peaks=None), "no peaks"),
        (lambda c: c["peaks"].append(1.0), "one for each inner convolution"),
        (lambda c: c["peaks"].__setitem__(0, -1.0), "peaks"),
        (lambda c: c["peaks"].__setitem__(0, 1e300), "peaks"),
        (lambda c: c["peaks"].__setitem__(0, 1e-320), "peaks"),
        (lambda c: c["sha256"].update({NETWORK: "0" * 64}), "checksum"),
        (lambda c: c["sha256"].update({ARRAYS: "0" * 64}), "checksum"),
        (lambda c: c["sha256"].pop(ARRAYS), "sha256"),
        (lambda c: c["about"].update(licence="x" * 10**5), "licence"),
    ],
)
def test_altered_descriptions(exported, tmp_path, change, said):
    refused(rewritten(exported, tmp_path, card=change), said)


def put(key, value):
    return lambda arrays: arrays.update({key: value})


def change(key, how):
    return lambda arrays: arrays.update({key: np.ascontiguousarray(how(arrays[key]))})


def with_value(value, at=0):
    def how(array):
        array.ravel()[at] = value
        return array

    return how


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("extra", np.zeros(1)), "extra"),
        (lambda arrays: arrays.pop("plate") is None, "plate"),
        (change("plate", lambda a: a.astype(np.float32)), "plate is float32"),
        (change("plate", lambda a: a[:8]), "plate has the shape"),
        (change("tracking/scale", lambda a: -a), "scale is"),
        (change("tracking/scale", lambda a: a[:3]), "tracked frames"),
        (change("tracking/expression", with_value(np.nan)), "not finite"),
        (change("tracking/translation", with_value(1e30)), "far too large"),
        (change("tracking/rotation", lambda a: 0 * a), "rotation is"),
        (change("tracking/identity", lambda a: a[:2]), "identity has the shape"),
        (change("head/mean", with_value(np.inf)), "not finite"),
        (change("head/mean", lambda a: a[:10]), "shape"),
        (change("head/mean", lambda a: a.ravel()), "shape"),
        (change("head/triangles", with_value(10**6)), "outside"),
        (change("head/eyelids", with_value(-1)), "outside"),
        (change("head/eyelids", lambda a: a[:1]), "eyelids"),
        (change("head/eyeball", lambda a: a[:, :0]), "no eyes"),
        (change("head/region", lambda a: 0 * a), "no face"),
        (change("head/triangles", lambda a: a.astype(np.int64)), "int64"),
    ],
)
def test_altered_arrays(exported, tmp_path, change, said):
    refused(rewritten(exported, tmp_path, arrays=change), said)


def test_other_files_in_their_place(exported, tmp_path):
    import pickle

    refused(rewritten(exported, tmp_path, raw=pickle.dumps({"a": 1})), "cannot be read")
    refused(rewritten(exported, tmp_path, model=b"MZ no network"), "refused")


def test_a_licensed_head_model_stays_at_home(exported, tmp_path, monkeypatch):
    """The reader needs the same one; without it, or with another, a message says so."""
    from one_person import make_project, write_head

    from h2h.config import load_params
    from h2h.person.export import export_person

    monkeypatch.chdir(tmp_path)
    make_project(tmp_path)
    import h2h.person.export as export

    monkeypatch.setattr(export, "is_open", lambda licence: False)
    path = tmp_path / "ann.h2hperson"
    person = export_person(load_params(), "ours", "ann", path)
    assert (
        not person.card.head_model_inside
        and person.card.bytes[ARRAYS] < read_description(exported, KIND)["bytes"][ARRAYS]
    )
    home = tmp_path / "work/head_model/head_model.h5"
    assert len(read_person(path, home).head_model.mean) == 60
    write_head(tmp_path, seed=5)
    with pytest.raises(UserError, match="another head model"):
        Person.load(str(path))
    home.unlink()
    with pytest.raises(UserError, match="may not be passed on") as error:
        Person.load(str(path))
    assert "stage_head_model" in error.value.remedy


def test_somebody_elses_consent_is_not_a_new_persons(tmp_path, monkeypatch):
    """`h2h reenact SOURCE some/ann.mp4`: the project may have another person of that name."""
    from one_person import make_project

    from h2h.config import load_params
    from h2h.person.export import export_person

    monkeypatch.chdir(tmp_path)
    make_project(tmp_path)
    card = export_person(load_params(), "ours", "ann", Path("ann.h2hperson")).card
    assert card.about.consent == "asked twice" and len(card.clips) == 1
    card = export_person(load_params(), "ours", "ann", Path("new.h2hperson"), tmp_path / "elsewhere" / "ann").card
    assert card.about.consent is None and card.clips == []
