import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scans import ball, change_calibration, moved, rewrite_mesh, write_ball

from h2h.commands.flow_check import command
from h2h.errors import UserError
from h2h.io.mesh import Mesh
from h2h.stages.scan_check import check_collection


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    write_ball(folder / "ann" / "talk")
    return folder


@pytest.fixture
def sequence(good, tmp_path):
    """A copy to break; its collection has another sequence, in which nothing is wrong."""
    for name in ("smile", "talk"):
        shutil.copytree(good / "ann" / "talk", tmp_path / "ann" / name)
    return tmp_path / "ann" / "talk"


def faults(sequence):
    return [str(fault) for fault in check_collection(sequence.parents[1])]


def without_calibration(s):
    (s / "calibration.json").unlink()


def without_a_scan(s):
    (s / "scans" / "000001.ply").unlink()


def without_an_image(s):
    (s / "images" / "000002.png").unlink()


def with_nan(s):
    vertices = moved(ball(), 1).vertices.copy()
    vertices[[5, 8]] = np.nan
    rewrite_mesh(s / "scans" / "000001.ply", replace(ball(), vertices=vertices))


def with_its_own_topology(s):
    rewrite_mesh(s / "scans" / "000001.ply", moved(ball(around=15), 1))


def cut_off(s):
    path = s / "scans" / "000001.ply"
    path.write_bytes(path.read_bytes()[:-20])


def as_points(s):
    rewrite_mesh(s / "scans" / "000001.ply", Mesh(ball().vertices, np.zeros((0, 3), np.int32)))


def inside_out(s):
    rewrite_mesh(s / "scans" / "000001.ply", replace(ball(), triangles=ball().triangles[:, ::-1]))


def behind(s):
    change_calibration(s / "calibration.json", translation=[0, 0, -300])


def elsewhere(s):
    change_calibration(s / "calibration.json", translation=[2000, 0, 300])


def no_rotation(s):
    change_calibration(s / "calibration.json", rotation=np.ones((3, 3)).tolist())


def other_size(s):
    change_calibration(s / "calibration.json", image_size=[64, 48])


def unreadable_image(s):
    (s / "images" / "000001.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")


def strange_name(s):
    (s / "scans" / "000001.ply").rename(s / "scans" / "first.ply")


def twice(s):
    shutil.copy(s / "scans" / "000001.ply", s / "scans" / "1.ply")


def no_pictures(s):
    shutil.rmtree(s / "images")


def textures_without_coordinates(s):
    (s / "images").rename(s / "textures")


def registered_for_some(s):
    (s / "registered").mkdir()
    shutil.copy(s / "scans" / "000001.ply", s / "registered" / "000001.ply")


def registered_differently(s):
    shutil.copytree(s / "scans", s / "registered")
    rewrite_mesh(s / "registered" / "000002.ply", ball(rings=9))


def bad_background(s):
    (s / "true_background" / "000000.flo").write_bytes(b"PIEH")


def no_neighbours(s):
    for part in ("scans", "images", "true_background"):
        for path in (s / part).glob("000001.*"):
            path.unlink()


@pytest.mark.parametrize(
    "breaking, count, what",
    [
        (without_calibration, 1, "ann/talk: there is no calibration.json for it; put the camera's"),
        (without_a_scan, 3, "ann/talk/000001: images/000001.png has no scan (images 3, scans 2); put the frame's scan"),
        (without_an_image, 1, "ann/talk/000002: the frame is not in images (images 2, scans 3)"),
        (with_nan, 1, "ann/talk/000001: 2 of the 160 vertices of the scan are not finite, the first is vertex 5"),
        (with_its_own_topology, 1, "ann/talk/000001: the scan's topology is its own (150 vertices and 252 triangles"),
        (cut_off, 1, "000001.ply cannot be read: the file ends before its header says"),
        (as_points, 2, "ann/talk/000001: the scan has no faces; export it as a surface"),
        (inside_out, 2, "ann/talk/000001: the camera sees the scan mostly from inside; turn the faces round"),
        (behind, 3, "ann/talk/000000: 100% of the scan lie behind the camera; check rotation and translation"),
        (elsewhere, 3, "ann/talk/000000: the scan projects outside of the picture"),
        (no_rotation, 1, "calibration.json cannot be used: rotation is no rotation matrix"),
        (other_size, 5, "000000.png has 48 x 48 pixels, the calibration says 64 x 48"),
        (unreadable_image, 1, "000001.png is no readable picture"),
        (strange_name, 4, "ann/talk: scans/first.ply is no frame's number, or the second file of one"),
        (twice, 1, "ann/talk: scans/1.ply is no frame's number, or the second file of one"),
        (no_pictures, 1, "ann/talk: it has neither images nor textures"),
        (textures_without_coordinates, 3, "ann/talk/000000: the scan has no texture coordinates"),
        (registered_for_some, 2, "ann/talk/000000: the frame is not in registered (registered 1, scans 3)"),
        (registered_differently, 1, "ann/talk/000002: the registered mesh has another topology (144 vertices"),
        (bad_background, 1, "000000.flo cannot be read"),
        (no_neighbours, 1, "ann/talk: no two frames follow one another"),
    ],
)
def test_each_fault_is_named_with_its_place_and_remedy(sequence, breaking, count, what):
    breaking(sequence)
    found = faults(sequence)
    assert len(found) == count, "\n".join(found)
    assert any(what in fault for fault in found), "\n".join(found)
    assert all(fault.startswith("ann/talk") and ": " in fault and "; " in fault for fault in found)


def test_a_registration_gives_scans_their_own_topologies(sequence):
    shutil.copytree(sequence / "scans", sequence / "registered")
    with_its_own_topology(sequence)
    assert faults(sequence) == []


def test_a_calibration_may_be_shared(sequence):
    (sequence / "calibration.json").rename(sequence.parent / "calibration.json")
    assert faults(sequence) == []


def test_folders_that_are_no_collection(tmp_path):
    for folder, what in ((tmp_path / "no", "is not a folder"), (tmp_path, "holds no sequence")):
        with pytest.raises(UserError, match=what):
            list(check_collection(folder))
    (tmp_path / "an n" / "talk" / "scans").mkdir(parents=True)
    (tmp_path / "bob").mkdir()
    found = [str(fault) for fault in check_collection(tmp_path)]
    assert found[0].startswith("bob: it holds no sequence") and "'an n' is not a usable name" in found[1]
    assert "it has no scans" in found[2]


def test_links_to_nowhere_and_pictures_that_grow_do_no_harm(sequence):
    (sequence / "scans" / "000001.ply").unlink()
    os.symlink(sequence / "nowhere.ply", sequence / "scans" / "000001.ply")
    Image.new("1", (9000, 9000)).save(sequence / "images" / "000002.png")
    found = faults(sequence)
    assert any("No such file" in fault for fault in found) and any("9000 x 9000 pixels" in fault for fault in found)


def test_the_command_lists_faults_and_says_how_many(sequence):
    result = CliRunner().invoke(command, [str(sequence.parents[1])])
    assert result.exit_code == 0 and "no fault; subjects: 1, sequences: 2, pairs of frames: 4" in result.output
    other_size(sequence)
    result = CliRunner().invoke(command, [str(sequence.parents[1]), "--most", "2"])
    assert isinstance(result.exception, UserError) and str(result.exception).startswith("faults in ")
    assert result.output.count("ann/talk/00000") == 2 and "... and 3 more" in result.output
