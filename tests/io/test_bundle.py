"""Archives that are not what they should be."""

import json
import zipfile
import zlib

import pytest

from h2h.errors import UserError
from h2h.io.bundle import CARD, NETWORKS, extract_networks, read_card_of, write_bundle


@pytest.fixture
def networks(tmp_path):
    path = tmp_path / "n.safetensors"
    path.write_bytes(bytes(range(256)) * 40)
    return path


@pytest.fixture
def bundle(tmp_path, networks):
    write_bundle(tmp_path / "b.h2hinit", {"a": [1, "ü"]}, networks)
    return tmp_path / "b.h2hinit"


def test_what_is_written_is_read(bundle, networks, tmp_path):
    from h2h.io.cards import sha256

    assert read_card_of(bundle) == {"a": [1, "ü"]}
    assert extract_networks(bundle, tmp_path / "out") == sha256(networks)
    assert (tmp_path / "out").read_bytes() == networks.read_bytes()
    first = bundle.read_bytes()
    write_bundle(bundle, {"a": [1, "ü"]}, networks)
    assert bundle.read_bytes() == first


def archive(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "members, said",
    [
        ([(CARD, "{}")], "holds"),
        ([(CARD, "{}"), (NETWORKS, "x"), ("../../evil", "x")], "evil"),
        ([("/etc/passwd", "{}"), (NETWORKS, "x")], "passwd"),
        ([(CARD, "{}"), (f"../{NETWORKS}", "x")], "holds"),
        ([(CARD, "[1,"), (NETWORKS, "x")], "no description"),
        ([(CARD, '{"a": NaN}'), (NETWORKS, "x")], "no description"),
        ([(CARD, "[" * 200_000), (NETWORKS, "x")], "no description"),
        ([(CARD, b"\xff\xfe{}"), (NETWORKS, "x")], "no description"),
        ([(CARD, " " * 5_000_001), (NETWORKS, "x")], "too many"),
    ],
)
def test_other_members_and_bad_descriptions(tmp_path, members, said):
    path = archive(tmp_path / "b.h2hinit", members)
    with pytest.raises(UserError, match=said):
        read_card_of(path)
    assert [p.name for p in tmp_path.iterdir()] == ["b.h2hinit"]


def test_a_member_twice(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = archive(tmp_path / "b.h2hinit", [(CARD, "{}"), (NETWORKS, "x"), (NETWORKS, "y")])
    with pytest.raises(UserError, match="holds"):
        read_card_of(path)


def test_nothing_may_be_compressed(tmp_path):
    """A megabyte of zeros in a kilobyte: the way to fill a disk."""
    path = archive(tmp_path / "b.h2hinit", [(CARD, "{}"), (NETWORKS, bytes(10**6))], zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match="compressed"):
        extract_networks(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def give_sizes(path, stored, extracted, checksum=None):
    """Let the archive's directory say other sizes, and another checksum, of the last member, the networks."""
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    for offset, value in ((16, checksum), (20, stored), (24, extracted)):
        if value is not None:
            data[at + offset : at + offset + 4] = value.to_bytes(4, "little")
    path.write_bytes(data)


def test_sizes_that_are_not_true(bundle, tmp_path):
    give_sizes(bundle, 2**31, 2**31)
    for read in (read_card_of, lambda path: extract_networks(path, tmp_path / "out")):
        with pytest.raises(UserError, match="promises more than it holds"):
            read(bundle)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kept", [0, 100])
def test_bytes_that_are_not_read(bundle, networks, tmp_path, kept):
    """Stored, but with more bytes in the archive than come out: the rest is hidden in it, and no checksum sees it."""
    data = networks.read_bytes()
    give_sizes(bundle, len(data), kept, zlib.crc32(data[:kept]))
    for read in (read_card_of, lambda path: extract_networks(path, tmp_path / "out")):
        with pytest.raises(UserError, match="is compressed, which no bundle is"):
            read(bundle)
    assert not (tmp_path / "out").exists()


def test_members_that_begin_before_the_file(bundle, tmp_path):
    data = bytearray(bundle.read_bytes())
    at = data.rfind(b"PK\x05\x06") + 16  # the end record: where the directory begins
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "little") + 100).to_bytes(4, "little")
    bundle.write_bytes(data)
    for read in (read_card_of, lambda path: extract_networks(path, tmp_path / "out")):
        with pytest.raises(UserError, match="damaged"):
            read(bundle)


def test_a_name_that_is_no_text(bundle):
    data = bytearray(bundle.read_bytes())
    data[7] |= 8  # the first member says that its name is UTF-8
    data[30] = 0xFF
    bundle.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        read_card_of(bundle)


def test_an_encrypted_member(bundle):
    data = bytearray(bundle.read_bytes())
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    bundle.write_bytes(data)
    with pytest.raises(UserError, match="encrypted"):
        read_card_of(bundle)


def test_a_flipped_bit(bundle, tmp_path):
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        extract_networks(bundle, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip" * 100, json.dumps({}).encode()])
def test_no_archive(tmp_path, content):
    path = tmp_path / "b.h2hinit"
    path.write_bytes(content)
    with pytest.raises(UserError, match="no initialisation bundle"):
        read_card_of(path)
    path.unlink()
    with pytest.raises(UserError, match="is missing"):
        read_card_of(path)


def test_cut_short(bundle):
    bundle.write_bytes(bundle.read_bytes()[:-30])
    with pytest.raises(UserError):
        read_card_of(bundle)
