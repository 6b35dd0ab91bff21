"""Head-model files and identity.yaml with any bytes: a result that holds together or a UserError, nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from faults.small_models import write_all
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h2h.config.base import escaped
from h2h.errors import UserError
from h2h.head_models.formats import read_published
from h2h.head_models.morphable_mesh import checked
from h2h.io.person_folder import identity_file
from h2h.io.record import Record

FEW, MANY = 25, 1500
IN_A_PROCESS, FEWER = ("lsfm", "bfm2009"), 5  # MATLAB files are read by a process each, which takes longer
SOURCES = ("lsfm", "bfm2009", "bfm2017", "flame", "flame_npz", "ict", "surrey")
NUMBERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\1\0\0\0", b"\0\0\xc0\x7f")
REPEATABLE = {"derandomize": True, "database": None, "deadline": None}
REPEATABLE["suppress_health_check"] = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

change = st.tuples(
    st.sampled_from(["set", "number", "insert", "delete", "cut", "repeat"]),
    st.one_of(st.integers(0, 400), st.integers(-400, -1), st.floats(0, 1)),  # near an end, or anywhere
    st.binary(min_size=1, max_size=9),
    st.sampled_from(NUMBERS),
)


def mutated(data: bytes, changes: list[tuple]) -> bytes:
    for kind, place, raw, number in changes:
        at = int(place * len(data)) if isinstance(place, float) else place % max(len(data), 1)
        if kind == "cut":
            data = data[:at]
        elif kind == "delete":
            data = data[:at] + data[at + len(raw) :]
        elif kind == "insert":
            data = data[:at] + raw + data[at:]
        elif kind == "repeat":
            data = data[:at] + data[max(at - 64, 0) : at] * 3 + data[at:]
        else:
            raw = number if kind == "number" else raw
            data = data[:at] + raw + data[at + len(raw) :]
    return data


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    found = write_all(tmp_path_factory.mktemp("models"))
    for source, (path, _) in found.items():
        assert len(read_published(source.removesuffix("_npz"), path).mean) == 121
    return found


def count(examples: int, source: str) -> int:
    return examples // FEWER if source in IN_A_PROCESS else examples


def fuzz_head_models(models, source: str, examples: int) -> tuple[int, int]:
    path, files = models[source]
    whole = [file.read_bytes() for file in files]
    counts = [0, 0]

    @settings(max_examples=examples, **REPEATABLE)
    @given(number=st.integers(0, len(files) - 1), changes=st.lists(change, min_size=1, max_size=4))
    def once(number: int, changes: list[tuple]) -> None:
        files[number].write_bytes(mutated(whole[number], changes))
        try:
            checked(read_published(source.removesuffix("_npz"), path), "it")
            counts[0] += 1
        except UserError as error:
            assert error.remedy and len(str(error)) < 2000
            counts[1] += 1
        finally:
            files[number].write_bytes(whole[number])

    once()
    return counts[0], counts[1]


@pytest.mark.parametrize("source", SOURCES)
def test_a_few_head_models(models, source: str):
    assert sum(fuzz_head_models(models, source, examples := count(FEW, source))) >= examples


@pytest.mark.fault
@pytest.mark.row(
    "fuzzing",
    f"files of {len(SOURCES)} kinds of head models, {MANY} changes each (MATLAB files: {MANY // FEWER})",
    "a model that holds together, or an error that names the file",
)
def test_many_head_models(models, seen):
    found = [fuzz_head_models(models, source, count(MANY, source)) for source in SOURCES]
    read, refused = (sum(counts) for counts in zip(*found, strict=True))
    assert read + refused >= sum(count(MANY, source) for source in SOURCES) and refused > read > 0
    seen("no crash, no other error")


scalar = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.dates(),
    st.sampled_from(["target", "train", "source", "*a", "&a x", "<<", "!!python/name:os.system ''", "0x" + "f" * 5000]),
)  # fmt: skip
value = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalar, inner, max_size=3), max_leaves=8
)
keys = st.one_of(st.sampled_from(["role", "source", "licence", "credit", "consent", "<<", "rolle"]), scalar)
lines = st.lists(st.tuples(keys, value), max_size=4).map(
    lambda pairs: "\n".join(f"{key}: {item}" for key, item in pairs)
)
written = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")),
    lines.map(lambda text: text.encode(errors="surrogatepass")),
    st.tuples(lines, st.lists(change, min_size=1, max_size=3)).map(
        lambda two: mutated(two[0].encode(errors="surrogatepass"), two[1])
    ),
)


def fuzz_identity_files(folder: Path, examples: int) -> tuple[int, int]:
    path, counts = folder / "ann/identity.yaml", [0, 0]
    path.parent.mkdir()

    @settings(max_examples=examples, **REPEATABLE)
    @given(written)
    def once(data: bytes) -> None:
        path.write_bytes(data)
        try:
            said = identity_file("ann", folder)
        except UserError as error:
            told = str(error)
            assert str(path) in told and error.remedy and len(told) < 4000
            assert escaped(told) == told
            counts[1] += 1
            return
        record = Record("ours.ann.ann", "ann", "self", consent=said.consent, licence=said.licence)
        assert json.dumps(record.as_json(), ensure_ascii=False).encode() and record.number >= 0
        counts[0] += 1

    once()
    return counts[0], counts[1]


def test_a_few_identity_files(tmp_path: Path):
    read, refused = fuzz_identity_files(tmp_path, 200)
    assert read and refused


@pytest.mark.fault
@pytest.mark.row(
    "fuzzing",
    f"identity.yaml, {10 * MANY} files",
    "what it says can be written into a video, or an error that names the file and can be printed",
)
def test_many_identity_files(tmp_path: Path, seen):
    read, refused = fuzz_identity_files(tmp_path, 10 * MANY)
    assert read and refused
    seen("no crash, no other error")
