import json

import pytest

from h2h.config import Sections, load_params, merge, read_yaml
from h2h.errors import UserError


def test_params_file_is_valid_and_floats_are_yaml_1_2(in_project):
    params = load_params()
    assert 0 < params.pretrain.lr_generator < 1e-2
    assert isinstance(read_yaml(in_project / "params.yaml")["pretrain"]["lr_generator"], float)


def test_every_field_has_a_description(in_project):
    def walk(model, path):
        for key, field in model.model_fields.items():
            nested = getattr(field.annotation, "model_fields", None)
            if nested:
                walk(field.annotation, f"{path}.{key}")
            else:
                assert field.description, f"{path}.{key}"

    walk(type(load_params()), "params")


@pytest.mark.parametrize(
    ("overlay", "named"),
    [
        ({"frames": {"fsp": 20}}, "unknown key frames.fsp"),
        ({"frames": {"fps": "many"}}, "frames.fps"),
        ({"image": {"size": 100}}, "image.size"),
        ({"frmaes": {}}, "unknown key frmaes"),
        ({"seed": 2**63}, "seed"),
        ({"profile": {"work": "h2h"}}, "no folder of its own"),
        ({"profile": {"work": "../other"}}, "no folder of its own"),
        ({"profile": {"reports": "."}}, "no folder of its own"),
        ({"profile": {"reports": "work/reports"}}, "neither may be in the other"),
        ({"experiments": {"ours": {"method": "ours", "changes": {"seed": 2**63}}}}, "no integer from 0"),
        ({"identities": {"folds": {"default": {"initialise": ["franck"], "targets": ["franck"]}}}}, "franck"),
    ],
)
def test_mistakes_are_named(in_project, tmp_path, overlay, named):
    import yaml

    path = tmp_path / "overlay.yaml"
    path.write_text(yaml.safe_dump(overlay))
    with pytest.raises(UserError, match=named):
        load_params(overlay=path)


def test_broken_yaml_names_the_line(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("a: 1\nb: [1,\n")
    with pytest.raises(UserError, match="line"):
        read_yaml(path)


def test_a_key_that_is_there_twice_is_named(tmp_path):
    """The last one would win in silence, and DVC refuses the file."""
    path = tmp_path / "params.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, *a]}\n")
    assert read_yaml(path) == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 2}}
    for text in ("seed: 1\nimage: {size: 64}\nseed: 2\n", "ours:\n  seed: 1\n  seed: 2\n"):
        path.write_text(text)
        with pytest.raises(UserError, match=r"seed is there twice\s+in .*line 3"):
            read_yaml(path)


def test_yaml_makes_no_objects(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("a: !!python/object/apply:os.system ['true']\n")
    with pytest.raises(UserError):
        read_yaml(path)


def test_merge_is_deep_and_leaves_its_arguments():
    base = {"a": {"b": 1, "c": 2}, "d": 3}
    assert merge(base, {"a": {"b": 5}}) == {"a": {"b": 5, "c": 2}, "d": 3}
    assert base["a"]["b"] == 1


def test_sections_give_only_what_was_passed(in_project):
    values = load_params().model_dump(mode="json")
    sections = Sections.from_json(json.dumps({"image": values["image"], "seed": 7}))
    assert sections.image.size == 128 and sections.seed == 7 and "frames" not in sections
    with pytest.raises(AttributeError, match=r"dvc\.yaml"):
        _ = sections.frames
    with pytest.raises(UserError, match="unknown section"):
        Sections({"nonsense": {}})
