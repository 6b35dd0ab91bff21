import io
import os
import shutil
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scans import ball, change_calibration, moved, rewrite_mesh, texture, write_ball

from h2h import config
from h2h.commands.flow_check import command
from h2h.config import load_params
from h2h.errors import UserError
from h2h.io.mesh import Mesh
from h2h.stages import scan_check
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


def with_a_vertex_behind(s):
    for i in range(3):
        with_vertex(s, i, [0, 0, -1e30])


def with_a_vertex_far_away(s):
    for i in range(3):
        with_vertex(s, i, [1e30, 0, 0])


def with_vertex(s, i, place):
    vertices = moved(ball(), i).vertices.copy()
    vertices[7] = place
    rewrite_mesh(s / "scans" / f"{i:06d}.ply", replace(ball(), vertices=vertices))


def with_other_triangles(s):
    triangles = ball().triangles.copy()
    triangles[11] = [3, 2, 1]
    rewrite_mesh(s / "scans" / "000001.ply", replace(moved(ball(), 1), triangles=triangles))


def without_focal_length(s):
    change_calibration(s / "calibration.json", camera_matrix=[[1e-300, 0, 23.5], [0, 1e-300, 23.5], [0, 0, 1]])


def with_infinite_focal_length(s):
    change_calibration(s / "calibration.json", camera_matrix=[[1e300, 0, 23.5], [0, 1e300, 23.5], [0, 0, 1]])


def at_the_end_of_the_world(s):
    change_calibration(s / "calibration.json", translation=[0, 0, 1e308])


def with_an_absurd_lens(s):
    change_calibration(s / "calibration.json", distortion=[1e9, 0, 0, 0, 0])


def with_a_misspelt_key(s):
    change_calibration(s / "calibration.json", distorsion=[0, 0, 0, 0, 0])


def the_same_again(s):
    for i in (1, 2):
        shutil.copy(s / "scans" / "000000.ply", s / "scans" / f"{i:06d}.ply")


def as_pipes(s):
    for path in (s / "scans" / "000001.ply", s / "images" / "000002.png", s / "true_background" / "000000.flo"):
        path.unlink()
        os.mkfifo(path)


def in_capitals(s):
    (s / "scans").rename(s / "Scans")


def pictures_in_capitals(s):
    (s / "images").rename(s / "Images")


def linked_out(s):
    for path in (s / "scans" / "000001.ply", s / "images" / "000001.png"):
        path.unlink()
        path.symlink_to("/dev/zero")


def linked_out_as_a_whole(s):
    shutil.rmtree(s)
    s.symlink_to("/etc")


def with_number_in_other_digits(s):
    (s / "true_background" / "000001.flo").rename(s / "true_background" / "١.flo")


@pytest.mark.parametrize(
    "breaking, count, what",
    [
        (without_calibration, 1, "ann/talk: there is no calibration.json for it; put the camera's"),
        (
            without_a_scan,
            2,
            "ann/talk/000001: images/000001.png and true_background/000001.flo have no scan (images 3, "
            "true_background 2, scans 2); put the frame's scan",
        ),
        (without_an_image, 1, "ann/talk/000002: the frame is not in images (images 2, scans 3)"),
        (with_nan, 1, "ann/talk/000001: 2 of the 160 vertices of the scan are not finite, the first is vertex 5"),
        (with_its_own_topology, 1, "ann/talk/000001: the scan's topology is its own (150 vertices and 252 triangles"),
        (cut_off, 1, "000001.ply cannot be read: the file ends before its header says"),
        (as_points, 2, "ann/talk/000001: the scan has no faces; export it as a surface"),
        (inside_out, 2, "ann/talk/000001: the camera sees the scan mostly from inside; turn the faces round"),
        (
            behind,
            3,
            "160 of the 160 vertices of the scan lie behind the camera, the first is vertex 0; check rotation",
        ),
        (elsewhere, 3, "ann/talk/000000: the scan projects outside of the picture"),
        (no_rotation, 1, "calibration.json cannot be used: rotation is no rotation matrix"),
        (other_size, 5, "000000.png has 48 x 48 pixels, the calibration says 64 x 48"),
        (unreadable_image, 1, "000001.png is no readable picture"),
        (strange_name, 3, "ann/talk: scans/first.ply is no frame's number, or the second file of one"),
        (twice, 1, "ann/talk: scans/1.ply is no frame's number, or the second file of one"),
        (no_pictures, 1, "ann/talk: it has neither images nor textures"),
        (textures_without_coordinates, 3, "ann/talk/000000: the scan has no texture coordinates"),
        (registered_for_some, 2, "ann/talk/000000: the frame is not in registered (registered 1, scans 3)"),
        (registered_differently, 1, "ann/talk/000002: the registered mesh has another topology (144 vertices"),
        (bad_background, 1, "000000.flo cannot be read"),
        (no_neighbours, 1, "ann/talk: no two frames follow one another"),
        (
            with_a_vertex_behind,
            3,
            "1 of the 160 vertices of the scan lie behind the camera, the first is vertex 7; leave",
        ),
        (
            with_a_vertex_far_away,
            3,
            "1 of the 160 vertices of the scan lie far out of the picture, the first is vertex 7",
        ),
        (with_other_triangles, 1, "its triangle 11 joins the vertices [3, 2, 1], that of frame 000000 ["),
        (without_focal_length, 3, "ann/talk/000000: the scan covers no pixel of a picture of 256 x 256 pixels"),
        (with_infinite_focal_length, 3, "ann/talk/000000: the scan projects outside of the picture"),
        (at_the_end_of_the_world, 3, "ann/talk/000000: the scan covers no pixel of a picture of 256 x 256 pixels"),
        (with_an_absurd_lens, 1, "that leaves 0% of the straightened picture"),
        (with_a_misspelt_key, 1, "it has an unknown key 'distorsion', perhaps distortion is meant"),
        (the_same_again, 2, "ann/talk/000002: the scan is the same as that of frame 000001, to the last digit"),
        (as_pipes, 3, "000002.png is no readable picture: it is no regular file"),
        (in_capitals, 1, "it has no scans (folders there: Scans, images, true_background); put"),
        (pictures_in_capitals, 1, "neither images nor textures (folders there: Images, scans, true_background); put"),
        (linked_out, 1, "scans/000001.ply, and 1 more is a link that does not lead into the collection"),
        (
            linked_out_as_a_whole,
            1,
            "ann/talk: it is a link that does not lead into the collection, and is not followed",
        ),
        (with_number_in_other_digits, 1, "ann/talk: true_background/١.flo is no frame's number"),
    ],
)
def test_each_fault_is_named_with_its_place_and_remedy(sequence, breaking, count, what):
    breaking(sequence)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = faults(sequence)
    assert len(found) == count, "\n".join(found)
    assert any(what in fault for fault in found), "\n".join(found)
    assert all(fault.startswith("ann/talk") and ": " in fault and "; " in fault for fault in found)


def test_a_registration_gives_scans_their_own_topologies(sequence):
    shutil.copytree(sequence / "scans", sequence / "registered")
    with_its_own_topology(sequence)
    assert faults(sequence) == []


def with_textures(sequence, coordinates, last="/"):
    """Scans as OBJ files with the same texture coordinates at all corners; `last` divides the last face's numbers."""
    (sequence / "images").rename(sequence / "textures")
    for i in range(3):
        Image.fromarray(texture()).save(sequence / "textures" / f"{i:06d}.png")
        mesh = moved(ball(), i)
        lines = [f"v {x} {y} {z}" for x, y, z in mesh.vertices] + [f"vt {coordinates}"]
        lines += ["f " + " ".join(f"{corner + 1}/1" for corner in row) for row in mesh.triangles]
        lines[-1] = lines[-1] if last == "/" else lines[-1].replace("/1", "")
        (sequence / "scans" / f"{i:06d}.ply").unlink()
        (sequence / "scans" / f"{i:06d}.obj").write_text("\n".join(lines))


@pytest.mark.parametrize("coordinates", ["0.5 0.5", "-3.5 8.9"])
def test_textures_may_be_repeated(sequence, coordinates):
    with_textures(sequence, coordinates)
    assert faults(sequence) == []


@pytest.mark.parametrize("coordinates", ["nan nan", "inf 0.5", "0.5 -inf", "1000.5 -37", "0.5 1e300"])
def test_textures_that_show_nothing_are_faults(sequence, coordinates):
    with_textures(sequence, coordinates)
    found = faults(sequence)
    assert len(found) == 3 and all("the texture coordinates of 270 of the 270 triangles are not" in f for f in found)


def test_texture_coordinates_must_be_there_at_all_corners(sequence):
    with_textures(sequence, "0.5 0.5", last="")
    found = faults(sequence)
    assert len(found) == 3 and all("or not at every corner of every face" in fault for fault in found)


@pytest.mark.parametrize("name, shown", [("\x1b[31m", "\\x1b[31m"), ("a\nb\tc", "a\\nb\\tc"), ("\udcff", "\\udcff")])
def test_odd_names_make_one_clean_line_a_fault(sequence, name, shown):
    (sequence / "scans" / "000001.ply").rename(sequence / "scans" / f"{name}.ply")
    sequence.rename(sequence.with_name(name))
    found = [fault for fault in faults(sequence) if shown in fault]
    assert len(found) == 4 and any(f"scans/{shown}.ply" in fault for fault in found)
    assert all(fault.isprintable() and fault.encode() for fault in found)


def test_a_folder_that_is_too_deep_is_told_from_a_collection(sequence):
    for folder, what, remedy in (
        (sequence, "is a sequence, not a collection", f"name the folder two above: {sequence.parents[1]}"),
        (sequence.parent, "is a subject, not a collection", f"name the folder above: {sequence.parents[1]}"),
    ):
        with pytest.raises(UserError, match=what) as error:
            list(check_collection(folder))
        assert error.value.remedy == remedy


def test_a_subject_that_leads_out_is_one_fault(sequence):
    (sequence.parents[1] / "zed").symlink_to("/etc")
    (found,) = faults(sequence)
    assert found.startswith("zed: it is a link that does not lead into the collection, and is not followed; put")


def test_a_terminal_sees_how_far_the_check_is(sequence, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for kind, shown in ((Terminal, True), (io.StringIO, False)):
        with monkeypatch.context() as patch:
            patch.setattr(scan_check, "SLOW", 0)
            patch.setattr(sys, "stderr", kind())
            assert faults(sequence) == []
            assert ("4D scans: check:   0%" in sys.stderr.getvalue()) == shown
            assert ("0/6" in sys.stderr.getvalue()) == shown


def test_only_what_is_packed_can_be_checked(sequence, in_project, monkeypatch):
    """One sequence of each subject is packed, the first, and here the second has a fault."""
    params = load_params()
    settings = params.flow_data.model_copy(update={"subjects": 1, "held_out": 1, "sequences": 1})
    monkeypatch.setattr(config, "load_params", lambda: params.model_copy(update={"flow_data": settings}))
    for name in ("bea", "dan"):
        shutil.copytree(sequence.parent, sequence.parents[1] / name)
    without_calibration(sequence)
    whole, packed = (
        CliRunner().invoke(command, [str(sequence.parents[1]), *options]) for options in ([], ["--packed"])
    )
    assert "ann/talk: there is no calibration.json" in whole.output and isinstance(whole.exception, UserError)
    assert packed.exit_code == 0 and "no fault; subjects: 2, sequences: 2, pairs of frames: 4" in packed.output


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
