"""Videos, pictures, bundles, pickles, YAML and names that somebody made to do harm, or that a broken program made."""

from __future__ import annotations

import os
import pickle
import re
import resource
import struct
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from faults.boxes import durations, frame_times
from scipy.io import savemat
from workflow.clips import add_person, moving, write_clip

from h2h import layout, provenance
from h2h.config import Sections, load_params
from h2h.errors import Rejected, UserError
from h2h.head_models.formats import read_published
from h2h.io.archive import CARD
from h2h.io.bundle import NETWORKS, read_card_of
from h2h.io.person_folder import identity_file
from h2h.io.source_clip import open_clip
from h2h.io.video import find_clips, sampled_frames
from h2h.stages.frames import run as run_frames

TINY = Path(__file__).parents[1] / "params.tiny.yaml"
PEAK = 600_000  # kB more than before, at most


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def black_png(width: int, height: int, rows: int) -> bytes:
    """A PNG of black pixels, with so many rows of data: a thousandth of what they unpack to."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, packed = zlib.compressobj(1), []
    for _ in range(rows):
        packed.append(packer.compress(bytes(1 + width)))
    packed.append(packer.flush())
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b"")


def refusal(action, kind=UserError) -> str:
    with pytest.raises(kind) as error:
        action()
    assert error.value.remedy and len(str(error.value)) < 2000
    return error.value.what


@pytest.mark.row("hostile picture", "a frame of 100 megapixels", "the person is rejected, with the size and what to do")
def test_a_frame_of_100_megapixels(tmp_path: Path, seen):
    folder = tmp_path / "ann"
    folder.mkdir()
    (folder / "0.png").write_bytes(black_png(10_000, 10_000, 10))
    before = peak()
    told = refusal(lambda: next(sampled_frames(folder, 20)), Rejected)
    assert "10000 x 10000 pixels, 100 megapixels" in told and peak() - before < 50_000
    seen(f"`{told}`")


@pytest.mark.row("hostile picture", "a decompression bomb: a PNG of 400 kB for 900 megapixels", "refused by its header")
def test_a_png_bomb(tmp_path: Path, seen):
    folder = tmp_path / "ann"
    folder.mkdir()
    bomb = black_png(30_000, 30_000, 3_000)
    (folder / "0.png").write_bytes(bomb)
    before = peak()
    told = refusal(lambda: next(sampled_frames(folder, 20)), Rejected)
    assert len(bomb) < 500_000 and "ann/0.png (frame 0) is too large" in told and peak() - before < 50_000
    seen("`ann/0.png (frame 0) is too large to be read`; no memory is taken")


@pytest.mark.row(
    "hostile video", "a header that promises 10 hours, or nothing, for 1 second", "all frames that are there are read"
)
def test_a_header_that_lies_about_the_length(tmp_path: Path, seen):
    path = add_person(tmp_path, "ann", 0)
    whole = path.read_bytes()
    for seconds in (36_000, 0):
        path.write_bytes(durations(whole, seconds))
        assert len(list(sampled_frames(path, 20))) == 24
    seen("24 of 24 frames, twice")


@pytest.mark.row("hostile video", "a header that promises 12 s, and an end after 1 s", "the person is rejected")
def test_a_film_that_ends_early(tmp_path: Path, seen):
    path = add_person(tmp_path, "ann", 0, frames=60)
    path.write_bytes(frame_times(path.read_bytes(), 4.0)[: path.stat().st_size // 2])
    told = refusal(lambda: list(sampled_frames(path, 20)), Rejected)
    assert told.startswith("clip.mp4 ")
    seen(f"`{told}`")


@pytest.mark.fault
@pytest.mark.row(
    "hostile video", "a header by which a frame lasts 25 minutes", "the person is rejected, with what the header says"
)
def test_a_film_of_slow_frames(tmp_path: Path, seen):
    path = add_person(tmp_path, "ann", 0)
    path.write_bytes(frame_times(path.read_bytes(), 30_000.0))
    values = load_params(overlay=TINY).model_dump(mode="json")["frames"]
    cfg = Sections({"frames": values})
    told = refusal(lambda: run_frames("ann", tmp_path / "ann.h5", cfg, videos=path.parent), Rejected)
    assert re.search(r"clip\.mp4 has 0\.000\d+ frames a second by its time stamps", told)  # B-frames shift them
    seen(f"`{told}`")


@pytest.mark.row(
    "hostile video", "time stamps that leap by a year", "`h2h reenact` ends with an error instead of filling a year"
)
def test_a_video_that_leaps(tmp_path: Path, seen):
    path = tmp_path / "leap.mkv"
    write_leaping(path, 3600 * 24 * 365)
    told = refusal(lambda: [0 for _ in open_clip(path, 20).frames()], Rejected)
    assert "leap.mkv leaps from" in told
    seen(f"`{told}`")


def write_leaping(path: Path, seconds: int) -> None:
    """Ten frames in half a second, and five a long time later."""
    from fractions import Fraction

    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20)
        stream.width = stream.height = 160
        stream.time_base = Fraction(1, 20)
        for picture in moving(0, 15):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(later(packet, 10, seconds * 1000))
        for packet in stream.encode():
            container.mux(later(packet, 10, seconds * 1000))


def later(packet, first: int, ticks: int):
    if packet.pts * packet.time_base * 20 >= first:
        packet.pts += ticks
        packet.dts = packet.pts
    return packet


@pytest.mark.row("hostile video", "a frame size of 100 megapixels in the header", "refused before a frame is decoded")
def test_a_video_of_100_megapixels(tmp_path: Path, seen):
    path = tmp_path / "clip.avi"
    header = avi(12_000, 9_000)
    path.write_bytes(header)
    before = peak()
    told = refusal(lambda: list(sampled_frames(path, 20)), Rejected)
    assert "12000 x 9000 pixels, 108 megapixels" in told and peak() - before < PEAK
    seen(f"`{told}`")


def avi(width: int, height: int) -> bytes:
    """An uncompressed AVI with one frame of a few bytes, whatever its header says."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    main = struct.pack("<14I", 50_000, 0, 0, 16, 1, 0, 1, 0, width, height, 0, 0, 0, 0)
    stream = b"vids" + b"DIB " + struct.pack("<IHHIIIIIIIIHHHH", 0, 0, 0, 0, 1, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    form = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    streams = b"strl" + chunk(b"strh", stream) + chunk(b"strf", form)
    headers = chunk(b"LIST", b"hdrl" + chunk(b"avih", main) + chunk(b"LIST", streams))
    return chunk(b"RIFF", b"AVI " + headers + chunk(b"LIST", b"movi" + chunk(b"00db", bytes(64))))


@pytest.mark.row(
    "hostile zip", "a bundle whose member unpacks to 100 MB", "refused by its directory, nothing is unpacked"
)
def test_a_zip_bomb(tmp_path: Path, seen):
    path = tmp_path / "bomb.h2hinit"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CARD, "{}")
        with archive.open(NETWORKS, "w", force_zip64=True) as member:
            for _ in range(100):
                member.write(bytes(1 << 20))
    told = refusal(lambda: read_card_of(path))
    assert "is compressed, which no bundle is" in told and path.stat().st_size < 2e6
    seen("`... is compressed, which no bundle is`")


@pytest.mark.fault
@pytest.mark.row(
    "hostile head model",
    "a .npz, a .mat and an .h5 of some kB that unpack to 3 GB and more",
    "refused before they are unpacked",
)
def test_head_models_that_unpack_to_gigabytes(tmp_path: Path, seen):
    npz, mat, h5 = tmp_path / "flame.npz", tmp_path / "01_MorphableModel.mat", tmp_path / "model2019_bfm.h5"
    with zipfile.ZipFile(npz, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("v_template.npy", bytes(1 << 20))
    size = struct.pack("<I", 1 << 20)
    npz.write_bytes(npz.read_bytes().replace(size, struct.pack("<I", 3 << 30)))
    savemat(mat, {"shapeMU": np.zeros(3)}, do_compression=True)
    packer = zlib.compressobj(9)
    first, again = (packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = first + 200 * again
    mat.write_bytes(mat.read_bytes()[:128] + struct.pack("<II", 15, len(packed)) + packed)
    with h5py.File(h5, "w") as file:
        for name in ("shape", "expression"):
            file.create_dataset(f"{name}/model/pcaVariance", shape=(1 << 40,), chunks=(1 << 20,), dtype="f4")
    before = peak()
    told = [
        refusal(lambda s=s, p=p: read_published(s, p)) for s, p in (("flame", npz), ("bfm2009", mat), ("bfm2019", h5))
    ]
    assert all("unpacks to more than 1 GiB" in text for text in told) and peak() - before < PEAK
    seen("three times `... unpacks to more than 1 GiB, which no face model has`")


@pytest.mark.row(
    "hostile pickle",
    "code, and a megabyte that is named a million times",
    "nothing of it runs, and it stays a megabyte",
)
def test_hostile_pickles(tmp_path: Path, seen):
    path = tmp_path / "generic_model.pkl"
    path.write_bytes(b"cos\nsystem\n(S'touch " + os.fsencode(tmp_path / "victim") + b"'\ntR.")
    told = refusal(lambda: read_published("flame", path))
    assert "it names os.system, which no face model needs" in told and not (tmp_path / "victim").exists()
    many = [np.zeros(1 << 18, np.float32)] * 100_000
    path.write_bytes(pickle.dumps({"v_template": many}, protocol=2))
    before = peak()
    refusal(lambda: read_published("flame", path))
    assert peak() - before < PEAK
    seen("`it names os.system, which no face model needs`; no file was made; no gigabytes")


YAML = {
    "code": "role: !!python/object/apply:os.system ['touch victim']",
    "a value nested without end": "a0: &a0 x\n"
    + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
    + "licence: *a39",
    "merges of merges": "a0: &a0 {x: 1}\n"
    + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 40)),
    "10 000 brackets": "consent: " + "[" * 10_000,
    "a 31st of February": "consent: 2026-02-31",
    "a number of 5000 digits": "consent: " + "9" * 5000,
    "a number of 40 000 hexadecimal digits": "consent: 0x" + "f" * 40_000,
    "a key that steers the terminal": '"\\e[2J\\e[31mrole": target',
    "a value that no file can hold": 'consent: "\\ud800"',
    "a value that steers the terminal": 'consent: "\\e[2J"',
    "a list": "- role: target",
    "two megabytes": "consent: " + "x" * 2_000_000,
}


@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_hostile_yaml(text: str, tmp_path: Path):
    folder = tmp_path / "ann"
    folder.mkdir()
    (folder / "identity.yaml").write_text(text)
    with pytest.raises(UserError) as error:
        identity_file("ann", tmp_path)
    told = str(error.value)
    assert "ann/identity.yaml" in told and len(told) < 3000 and not (tmp_path / "victim").exists()
    assert all(line.isprintable() for line in told.splitlines())


@pytest.mark.row(
    "hostile YAML",
    f"identity.yaml with {', '.join(key for key in YAML)}; a pipe, a folder and a circle of links of that name",
    "an error that names the file; no crash, no hang; the message can be printed",
)
def test_no_file_called_identity_yaml(tmp_path: Path, seen):
    for number, make in enumerate((os.mkfifo, os.mkdir, lambda path: os.symlink(path, path))):
        folder = tmp_path / str(number)
        (folder / "ann").mkdir(parents=True)
        make(folder / "ann/identity.yaml")
        if number < 2:
            assert "ann/identity.yaml is no file" in refusal(lambda folder=folder: identity_file("ann", folder))
        else:
            assert "symbolic link" in refusal(lambda folder=folder: identity_file("ann", folder))
    seen("an error each time, before the first job")


NAMES = ["..", "-rf", "a b", "a;touch victim", "$(touch victim)", "ann\nbea", "\x1b[31mann", "é", "x" * 65, "{name}"]


@pytest.mark.row(
    "hostile name",
    "folders and files called " + ", ".join(f"`{ascii(name)[1:-1]}`" for name in NAMES[1:8]) + ", or not in UTF-8",
    "left out with the reason; the others' work goes on; nothing is run",
)
def test_hostile_names(tmp_path: Path, seen):
    people = tmp_path / "people"
    for name in ("bea", "cyd", "ann", *NAMES[1:]):
        (people / name).mkdir(parents=True)
    os.mkdir(os.fsencode(people) + b"/\xff\xfe")
    found, problems = layout.find_people(people)
    assert found == ("ann", "bea", "cyd") and len(problems) == len(NAMES)
    assert all((name + text).isprintable() for name, text in problems.items())
    for name in (b"\xff.mp4", b"a\nb.mp4", b"\x1b[2J.mp4"):
        path = os.path.join(os.fsencode(people), b"ann", name)
        with open(path, "wb"):
            assert provenance.fingerprint(str(people / "ann"))
        told = refusal(lambda: find_clips(people / "ann"), Rejected)
        assert told.isprintable() and "is unusable" in told
        os.unlink(path)
    seen("`... is not a usable name ...; rename the folder`; `the name of the file 'a\\nb.mp4' ... is unusable`")


@pytest.mark.row(
    "symbolic links",
    "circles and dead ends in data/identities",
    "told by name; the others' work goes on; no endless walk",
)
def test_circles_of_links(tmp_path: Path, seen):
    people = tmp_path / "people"
    for number, name in enumerate(("ann", "bea", "cyd")):
        write_clip(people / name / "clip.mp4", moving(number, 2))
    os.symlink("loop", people / "loop")
    os.symlink(".", people / "bea/here")
    os.symlink("..", people / "cyd/up")
    os.symlink("nowhere.mp4", people / "ann/lost.mp4")
    found, problems = layout.find_people(people)
    assert found == ("ann", "bea", "cyd") and "leads nowhere" in problems["loop"]
    assert all(provenance.fingerprint(str(people / name)) for name in found)
    assert (
        [path.name for path in find_clips(people / "bea")]
        == [path.name for path in find_clips(people / "cyd")]
        == ["clip.mp4"]
    )
    told = refusal(lambda: find_clips(people / "ann"), Rejected)
    assert "ann/lost.mp4 is a symbolic link that leads nowhere" in told
    seen("`... is a symbolic link that leads nowhere`; the circles are walked once")
