import numpy as np
import pytest
from PIL import Image

from h2h.errors import UserError
from h2h.io.calibration import Calibration, read_calibration
from h2h.io.flo import read_flo
from h2h.io.mesh import Mesh, read_mesh
from h2h.io.scan_folder import ScanFrame, find_sequences, read_image, undistorted, write_sequence

CAMERA = Calibration(
    8, 6, np.array([[9.0, 0, 3.5], [0, 9, 2.5], [0, 0, 1]]), np.eye(3), np.array([0.0, 0, 10]), np.zeros(5)
)


def frames(count):
    rng = np.random.default_rng(0)
    for i in range(count):
        mesh = Mesh(rng.normal(size=(3, 3)).astype(np.float32), np.array([[0, 1, 2]], np.int32))
        flow = rng.normal(size=(6, 8, 2)).astype(np.float32) if i + 1 < count else None
        yield ScanFrame(rng.integers(0, 256, (6, 8, 3), np.uint8), mesh, flow)


def test_a_written_sequence_comes_back(tmp_path):
    write_sequence(tmp_path / "anna" / "smile", CAMERA, frames(3))
    (sequence,) = find_sequences(tmp_path)
    assert sequence.title == "anna/smile" and sequence.pairs() == [0, 1] and not sequence.strange
    assert {part: len(files) for part, files in sequence.files.items()} == {
        "scans": 3, "images": 3, "textures": 0, "registered": 0, "true_background": 2,
    }  # fmt: skip
    np.testing.assert_array_equal(read_calibration(sequence.calibration).intrinsics, CAMERA.intrinsics)
    for number, frame in enumerate(frames(3)):
        np.testing.assert_array_equal(read_image(sequence.files["images"][number], (8, 6)), frame.image)
        np.testing.assert_array_equal(read_mesh(sequence.files["scans"][number]).vertices, frame.mesh.vertices)
        if frame.true_background is not None:
            np.testing.assert_array_equal(read_flo(sequence.files["true_background"][number]), frame.true_background)


def test_an_unfinished_sequence_is_not_found_and_is_replaced(tmp_path):
    def broken():
        yield next(frames(1))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sequence(tmp_path / "anna" / "smile", CAMERA, broken())
    assert find_sequences(tmp_path) == []
    write_sequence(tmp_path / "anna" / "smile", CAMERA, frames(2))
    assert find_sequences(tmp_path)[0].pairs() == [0]


def test_numbers_gaps_and_the_nearest_calibration(tmp_path):
    for number in (3, 4, 7, 8, 9):
        path = tmp_path / "a" / "s" / "scans" / f"{number}.obj"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for strange in ("x.obj", "0004.ply", "notes.txt", ".5.obj"):
        (tmp_path / "a" / "s" / "scans" / strange).touch()
    (sequence,) = find_sequences(tmp_path)
    assert sequence.pairs() == [3, 7, 8] and sequence.calibration is None
    assert [path.name for path in sequence.strange] == ["4.obj", "x.obj"]
    for place in (tmp_path, tmp_path / "a", tmp_path / "a" / "s"):
        (place / "calibration.json").touch()
        assert find_sequences(tmp_path)[0].calibration == place / "calibration.json"


def test_only_ascii_digits_are_a_number(tmp_path):
    (tmp_path / "a" / "s" / "scans").mkdir(parents=True)
    for name in ("٠٠٠٠٠١.ply", "²³.ply", "+1.ply", "000001.ply"):
        (tmp_path / "a" / "s" / "scans" / name).touch()
    (sequence,) = find_sequences(tmp_path)
    assert list(sequence.files["scans"]) == [1] and len(sequence.strange) == 3


def test_links_are_followed_only_within_the_collection(tmp_path):
    collection, elsewhere = tmp_path / "all", tmp_path / "other" / "s" / "scans"
    for folder in (collection / "a" / "s" / "scans", elsewhere):
        folder.mkdir(parents=True)
        (folder / "1.ply").touch()
    s, link = collection / "a" / "s", "../../../../other/s/scans/1.ply"
    (s / "scans" / "2.ply").symlink_to("1.ply")
    (s / "scans" / "3.ply").symlink_to(link)
    (s / "scans" / "4.ply").symlink_to(elsewhere / "nothing.ply")
    (s / "registered").symlink_to(elsewhere)
    (s / "textures").symlink_to(s / "scans")
    (s / "calibration.json").symlink_to(elsewhere / "1.ply")
    (collection / "a" / "t").symlink_to("s")
    (collection / "a" / "u").symlink_to(elsewhere.parent)
    (collection / "b").symlink_to(elsewhere.parents[1])
    (collection / "c").symlink_to(collection)
    (tmp_path / "linked").symlink_to(collection)
    for folder in (collection, tmp_path / "linked"):
        found = {sequence.title: sequence for sequence in find_sequences(folder)}
        assert list(found) == ["a/s", "a/t", "a/u", "b", "c"]
        for title in ("a/s", "a/t"):
            sequence, whole = found[title], folder / title
            assert sorted(sequence.files["scans"]) == [1, 2] and sequence.calibration is None
            outside = {str(path.relative_to(whole)) for path in sequence.outside}
            assert outside == {"scans/3.ply", "scans/4.ply", "registered", "calibration.json"}
        for title in ("a/u", "b", "c"):
            assert found[title].outside == (folder / title,) and not any(found[title].files.values())


def test_a_calibration_that_is_a_broken_link_is_not_passed_over(tmp_path):
    (tmp_path / "a" / "s").mkdir(parents=True)
    (tmp_path / "calibration.json").touch()
    (tmp_path / "a" / "calibration.json").symlink_to("nothing.json")
    assert find_sequences(tmp_path)[0].calibration == tmp_path / "a" / "calibration.json"


def test_pictures_of_another_size_or_kind_are_refused(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(np.zeros((6, 8), np.uint16)).save(tmp_path / "deep.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "a.png").read_bytes()[:90])
    (tmp_path / "text.png").write_text("%!PS-Adobe-3.0 EPSF-3.0")
    with pytest.raises(UserError, match="8 x 6 pixels, the calibration says 640 x 480"):
        read_image(tmp_path / "a.png", (640, 480))
    for name, what in (
        ("deep", "not 8 bits"),
        ("cut", "no readable picture"),
        ("text", "no readable"),
        ("no", "No such"),
    ):
        with pytest.raises(UserError, match=what):
            read_image(tmp_path / f"{name}.png")


def test_distortion_is_taken_out():
    """A point that the lens moved is where K [R | t] puts it afterwards."""
    import cv2

    size, point = 64, np.array([[[0.2, -0.15, 1.0]]])
    matrix = np.array([[90.0, 0, 31.5], [0, 90, 31.5], [0, 0, 1]])
    lens = np.array([-0.4, 0.1, 0, 0, 0])
    straight, bent = (cv2.projectPoints(point, np.zeros(3), np.zeros(3), matrix, d)[0].ravel() for d in (None, lens))
    assert np.linalg.norm(straight - bent) > 0.4
    y, x = np.mgrid[:size, :size]
    spot = np.exp(-((x - bent[0]) ** 2 + (y - bent[1]) ** 2) / 8)
    image = np.repeat((255 * spot).astype(np.uint8)[..., None], 3, axis=2)
    camera = Calibration(size, size, matrix, np.eye(3), np.zeros(3), lens)
    weight = undistorted(image, camera)[..., 0].astype(float)
    found = [(weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum()]
    np.testing.assert_allclose(found, straight, atol=0.1)
