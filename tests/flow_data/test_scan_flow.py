import cv2
import numpy as np
import pytest
from ray_reference import scan_flow_by_rays

from h2h.flow_data.scan_flow import scan_flow
from h2h.io.mesh import Mesh
from h2h.render.pinhole import Pinhole
from h2h.tracking.rotation import rotation_vector_to_matrix

SIZE = 40
CAMERA = Pinhole(np.array([[60.0, 0, 21], [0, 58, 19], [0, 0, 1]]), np.eye(3), np.zeros(3))
SQUARE = np.array([[-1.0, -1, 0], [-1, 1, 0], [1, 1, 0], [1, -1, 0]])
TWO = np.array([[0, 1, 2], [0, 2, 3]])


def bumpy_ball(seed, radius=2.2):
    """A closed surface with bumps that hide parts of it, (N, 3) and triangles, counter-clockwise from outside."""
    rings, around = 13, 20
    polar, azimuth = np.meshgrid(
        np.linspace(0.02, np.pi - 0.02, rings), np.arange(around) * 2 * np.pi / around, indexing="ij"
    )
    bumps = radius * (1 + 0.25 * np.sin(3 * azimuth + seed) * np.sin(4 * polar))
    points = np.stack([np.sin(polar) * np.cos(azimuth), np.cos(polar), np.sin(polar) * np.sin(azimuth)], axis=-1)
    index = np.arange(rings * around).reshape(rings, around)
    a, b = index[:-1], np.roll(index, -1, axis=1)[:-1]
    c, d = np.roll(index, -1, axis=1)[1:], index[1:]
    triangles = np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    return (bumps[..., None] * points).reshape(-1, 3), triangles


@pytest.mark.parametrize("seed", range(2))
def test_flow_and_masks_are_those_of_rays(seed):
    rng = np.random.default_rng(seed)
    ball, triangles = bumpy_ball(seed)
    turn = rotation_vector_to_matrix(rng.normal(0, 0.2, 3))
    first = np.concatenate([ball + np.array([0, 0, 9]), 0.35 * ball + np.array([-0.3, 0, 5])])
    second = np.concatenate([ball @ turn.T + np.array([0.4, -0.1, 9]), 0.35 * ball @ turn + np.array([0.5, -0.2, 5])])
    second += 0.02 * rng.normal(size=second.shape)
    triangles = np.concatenate([triangles, triangles + len(ball)])
    rig = rotation_vector_to_matrix(rng.normal(0, 0.5, 3))
    camera = Pinhole(CAMERA.matrix, rig, rng.normal(size=3)).cropped(0, 0, 0.6)
    size = round(0.6 * SIZE)
    first, second = ((p - camera.translation) @ camera.rotation for p in (first, second))
    found = scan_flow(first, second, triangles, camera, size, size, 0.75)
    flow, face, background = scan_flow_by_rays(first, second, triangles, camera, size, size, 0.75)
    np.testing.assert_array_equal(found.background, background)
    both = found.face & face
    covered = (~background).sum()
    assert both.sum() > 180 and covered - face.sum() > 18  # much is seen, and something is hidden
    edge = cv2.dilate(face.astype(np.uint8), np.ones((3, 3))) != cv2.erode(face.astype(np.uint8), np.ones((3, 3)))
    differs = found.face ^ face
    assert differs[~edge].sum() < 0.02 * covered and differs.sum() < 0.06 * covered  # the first: steep places
    np.testing.assert_allclose(found.flow[both], flow[both], atol=0.03)  # vertices are snapped to 1/256 px
    assert not found.flow[~found.face].any()


def test_a_plane_that_moves_and_one_that_turns():
    """Sideways a plane's flow is f X / z everywhere; turned about its own middle it is the homography's."""
    plane = SQUARE * 8 + np.array([0, 0, 10])
    moved = scan_flow(plane, plane + np.array([0.5, -0.25, 0]), TWO, CAMERA, SIZE, SIZE, 0.75)
    assert moved.face[4:-4, 4:-4].all() and not moved.background.any()
    np.testing.assert_allclose(moved.flow[moved.face], np.tile([3, -1.45], (moved.face.sum(), 1)), atol=1e-4)
    assert not moved.face[:, -3:].any()  # led out of the picture
    angle = 0.2
    turn = rotation_vector_to_matrix(np.array([0, angle, 0]))
    turned = scan_flow(plane, (plane - (0, 0, 10)) @ turn.T + np.array([0, 0, 10]), TWO, CAMERA, SIZE, SIZE, 0.75)
    y, x = np.nonzero(turned.face)
    across, down = (x + 0.5 - 21) / 60 * 10, (y + 0.5 - 19) / 58 * 10
    depth = 10 - across * np.sin(angle)
    wanted = np.stack([60 * across * np.cos(angle) / depth + 21, 58 * down / depth + 19], axis=1)
    np.testing.assert_allclose(turned.flow[y, x] + np.stack([x, y], axis=1) + 0.5, wanted, atol=0.03)


def test_what_something_moves_in_front_of_is_masked_out():
    """A small square before a large one goes 4 px to the right: what it covers then is hidden."""
    back, front = SQUARE * 8 + np.array([0, 0, 10]), SQUARE + np.array([0, 0, 8])
    triangles = np.concatenate([TWO, TWO + 4])
    step = 4 * 8 / 60
    first, second = np.concatenate([back, front]), np.concatenate([back, front + np.array([step, 0, 0])])
    truth = scan_flow(first, second, triangles, CAMERA, SIZE, SIZE, 0.75)
    on_front = truth.flow[..., 0] > 2
    np.testing.assert_allclose(truth.flow[on_front], np.tile([4, 0], (on_front.sum(), 1)), atol=1e-3)
    left, right = np.flatnonzero(on_front.any(axis=0))[[0, -1]]
    top, bottom = np.flatnonzero(on_front.any(axis=1))[[0, -1]]
    assert (right - left, bottom - top) == (14, 13)
    hidden = np.zeros((SIZE, SIZE), bool)
    hidden[top : bottom + 1, right + 1 : right + 5] = True
    differs = (~truth.face) ^ hidden
    assert differs[:, : right + 4].sum() == 0 and differs.sum() <= bottom - top + 1  # the edge falls between pixels
    assert not truth.background.any()


def test_a_surface_that_turns_away_is_masked_out():
    """One square, open behind: turned by half a turn one would see its back."""
    plane = SQUARE * 3 + np.array([0, 0, 10])
    turned = (plane - (0, 0, 10)) * (-1, 1, -1) + np.array([0, 0, 10])
    truth = scan_flow(plane, turned, TWO, CAMERA, SIZE, SIZE, 0.75)
    assert not truth.face.any() and not truth.background[19, 21] and truth.background[0, 0]


def test_a_registered_template_counts_where_it_lies_on_its_scan():
    """The scans are cut in two pieces each frame; the template is followed, where the scan confirms it."""
    template = SQUARE * 8 + np.array([0, 0, 10])
    moved = template + np.array([0.5, 0, 0])

    def scan(points, others):
        return Mesh(np.concatenate([points, others]), np.concatenate([TWO, TWO + 4]))

    lump = SQUARE * (1, 2, 1)
    beside = (scan(template, lump + np.array([-2, 0, 9.9])), scan(moved, lump + np.array([-2, 0, 9])))
    alone = scan_flow(template, moved, TWO, CAMERA, SIZE, SIZE, 0.75)
    truth = scan_flow(template, moved, TWO, CAMERA, SIZE, SIZE, 0.75, beside)
    assert alone.face[19, 10] and truth.face[19, 30]
    np.testing.assert_allclose(truth.flow[truth.face], alone.flow[truth.face])
    assert not truth.face[19, 4:11].any()  # 0.1 are within the tolerance (0.125), 1 is not: hidden in the second
    assert not truth.background.any()
    off = (
        scan(template + np.array([0, 0, 0.3]), lump + np.array([0, 0, 50])),
        scan(moved + np.array([0, 0, 0.3]), lump + np.array([0, 0, 50])),
    )
    nowhere = scan_flow(template, moved, TWO, CAMERA, SIZE, SIZE, 0.75, off)
    assert not nowhere.face.any() and not nowhere.background.any()


def test_the_scans_unit_does_not_matter():
    points, triangles = bumpy_ball(0)
    pair = (
        points + np.array([0, 0, 9]),
        points @ rotation_vector_to_matrix(np.array([0, 0.2, 0])).T + np.array([0, 0, 9]),
    )
    one, other = (scan_flow(pair[0] * u, pair[1] * u, triangles, CAMERA, SIZE, SIZE, 0.75) for u in (1, 0.001))
    np.testing.assert_array_equal(one.face, other.face)
    np.testing.assert_allclose(one.flow, other.flow, atol=1e-4)
