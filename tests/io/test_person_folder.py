import hashlib

import pytest

from h2h.errors import UserError
from h2h.io.person_folder import clip_ingredients, identity_file
from h2h.io.record import Ingredient


def test_a_persons_clips_are_named_by_their_hashes(tmp_path):
    (tmp_path / "ann/walk").mkdir(parents=True)
    (tmp_path / "ann/b.mp4").write_bytes(b"film")
    (tmp_path / "ann/walk/0.png").write_bytes(b"one")
    (tmp_path / "ann/identity.yaml").write_text("consent: yes\n")
    film, walk = clip_ingredients("ann", "target", tmp_path)
    assert film == Ingredient("target", hashlib.sha256(b"film").hexdigest(), "b.mp4")
    (tmp_path / "ann/walk/0.png").write_bytes(b"two")
    assert clip_ingredients("ann", "target", tmp_path)[0] == film
    assert clip_ingredients("ann", "target", tmp_path)[1].sha256 != walk.sha256


def test_a_folder_that_is_gone_names_nothing(tmp_path):
    assert clip_ingredients("ann", "target", tmp_path) == ()


def test_a_key_that_identity_yaml_has_not_is_told_with_where_its_keys_are_said(tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann/identity.yaml").write_text("rolle: target\n")
    with pytest.raises(UserError, match="unknown key rolle") as told:
        identity_file("ann", tmp_path)
    assert "README.md" in told.value.remedy
