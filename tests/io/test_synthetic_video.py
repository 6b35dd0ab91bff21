import av
import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io import watermarked_video
from h2h.io.atomic import HOST
from h2h.io.credentials import read_credentials, sidecar
from h2h.io.record import Ingredient, Record
from h2h.io.synthetic_video import SyntheticVideo
from h2h.io.video_writer import write_video
from h2h.io.watermarked_video import read_watermark

RECORD = Record("a drives b", "b", "head", "34cd" * 16, (Ingredient("target", "12ab" * 16, "b.mp4"),))


def pictures(count, channels=3):
    return np.random.default_rng(0).integers(0, 255, (count, 64, 64, channels)).astype(np.uint8)


@pytest.mark.parametrize("name, alpha", [("film.mp4", False), ("film.webm", True), ("film.mov", True)])
def test_every_format_is_signed(tmp_path, name, alpha):
    path = tmp_path / name
    with SyntheticVideo(path, 20, RECORD, alpha=alpha) as film:
        for picture in pictures(6, 4 if alpha else 3):
            film.append(picture)
    said = read_credentials(path)
    assert said.intact and said.synthetic and said.local and not said.trusted
    assert said.record["target"] == "b" and said.record["consent"] == "not recorded"
    expected = {path} | ({sidecar(path)} if name == "film.webm" else set())
    assert set(tmp_path.iterdir()) == expected


def test_every_picture_is_marked_and_labelled_if_asked_for(tmp_path, face, caplog):
    for name, label in (("plain.mp4", False), ("labelled.mp4", True)):
        with SyntheticVideo(tmp_path / name, 20, RECORD, label=label) as film:
            film.append(face)
        assert read_watermark(tmp_path / name).number == RECORD.number
    assert "plain.mp4 shows b; consent: not recorded; licence: not recorded" in caplog.text
    with av.open(str(tmp_path / "plain.mp4")) as plain, av.open(str(tmp_path / "labelled.mp4")) as labelled:
        one, other = (next(f.decode(video=0)).to_ndarray(format="gray").astype(int) for f in (plain, labelled))
    assert np.abs(one - other)[235:, 170:].mean() > 30 > 3 > np.abs(one - other)[:200].mean()


def test_an_error_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), SyntheticVideo(tmp_path / "film.mp4", 20, RECORD) as film:
        film.append(pictures(1)[0])
        1 / 0  # noqa: B018
    with pytest.raises(UserError, match="no picture"), SyntheticVideo(tmp_path / "film.mp4", 20, RECORD):
        pass
    assert not list(tmp_path.iterdir())


def test_what_a_killed_job_left_is_removed(tmp_path):
    """The half without credentials, above all."""
    for name in ("film.mp4", "film-unsigned.mp4"):
        (tmp_path / f".tmp-{HOST}-999999999-{name}").write_bytes(b"half")
    with SyntheticVideo(tmp_path / "film.mp4", 20, RECORD) as film:
        film.append(pictures(1)[0])
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


@pytest.mark.parametrize("name, decoder", [("film.webm", "libvpx-vp9"), ("film.mov", "prores")])
def test_transparency_is_kept(tmp_path, face, name, decoder):
    alpha = np.zeros((256, 256, 1), np.uint8)
    alpha[:, 100:] = 255
    with SyntheticVideo(tmp_path / name, 20, RECORD, alpha=True) as film:
        film.append(np.dstack([face, alpha]))
    with av.open(str(tmp_path / name)) as container:
        context = av.CodecContext.create(decoder, "r")  # the usual VP9 decoder passes over the alpha
        context.extradata = container.streams.video[0].codec_context.extradata
        packets = [packet for packet in container.demux(video=0) if packet.size]
        shown = next(frame for packet in [*packets, None] for frame in context.decode(packet))
    back = shown.to_ndarray(format="rgba")
    assert back[:, :96, 3].max() < 10 and back[:, 104:, 3].min() > 245
    assert np.abs(back[:, 104:, :3].astype(int) - face[:, 104:]).mean() < 8


def write_sound(path, codec, seconds):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48000)
        tone = np.sin(np.arange(int(48000 * seconds)) * 0.05).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.rate = 48000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)


@pytest.mark.parametrize("source, film, wanted", [("a.m4a", "f.mp4", "aac"), ("a.m4a", "f.webm", "opus")])
def test_the_sound_is_kept_and_cut_to_the_pictures(tmp_path, source, film, wanted):
    write_sound(tmp_path / source, "aac", 2)
    with SyntheticVideo(tmp_path / film, 10, RECORD, audio=tmp_path / source) as made:
        for picture in pictures(10):
            made.append(picture)
    with av.open(str(tmp_path / film)) as container:
        track = container.streams.audio[0]
        assert track.codec_context.name.endswith(wanted)
        heard = sum(frame.samples / frame.sample_rate for frame in container.decode(track))
    assert heard == pytest.approx(1, abs=0.06)


def damaged(path, first, last):
    """Overwrite some packets of a sound file."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
    data = bytearray(path.read_bytes())
    for packet in packets[first:last]:
        data[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(data)


@pytest.mark.parametrize("film, first, second", [("f.webm", 0, 0), ("f.mp4", 0, 0), ("f.webm", 60, 1)])
def test_damaged_sound_is_told_and_leaves_nothing(tmp_path, film, first, second):
    source = tmp_path / "a.m4a"
    write_sound(source, "aac", 2)
    damaged(source, first, first + 5)
    with (
        pytest.raises(UserError, match=rf"a\.m4a: its sound is damaged at about {second}\.") as error,
        SyntheticVideo(tmp_path / film, 10, RECORD, audio=source) as made,
    ):
        for picture in pictures(20):
            made.append(picture)
    assert "-an" in error.value.remedy and [*tmp_path.iterdir()] == [source]


def test_sound_that_cannot_be_had_is_told_before_the_first_picture(tmp_path):
    write_sound(tmp_path / "known.m4a", "aac", 1)
    data = (tmp_path / "known.m4a").read_bytes()
    (tmp_path / "unknown.m4a").write_bytes(data.replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"))
    (tmp_path / "text.m4a").write_text("hello")
    before = set(tmp_path.iterdir())
    for name, said in (("unknown", "way that is not known"), ("text", "cannot be read for its sound")):
        with (
            pytest.raises(UserError, match=said),
            SyntheticVideo(tmp_path / "f.mp4", 10, RECORD, audio=tmp_path / f"{name}.m4a"),
        ):
            raise AssertionError("it began")
        assert set(tmp_path.iterdir()) == before


def test_a_source_without_sound_gives_a_silent_film(tmp_path):
    for name, audio in (("a.mp4", None), ("b.mp4", tmp_path / "a.mp4")):
        with SyntheticVideo(tmp_path / name, 10, RECORD, audio=audio) as made:
            made.append(pictures(1)[0])
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert not container.streams.audio


def test_formats_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(UserError, match="transparency"):
        SyntheticVideo(tmp_path / "film.mp4", 20, RECORD, alpha=True)
    with pytest.raises(UserError, match=r"\.mp4, \.webm or \.mov"):
        SyntheticVideo(tmp_path / "film.gif", 20, RECORD)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"), SyntheticVideo(tmp_path / "file/film.mp4", 20, RECORD):
        pass


@pytest.mark.parametrize("count, read", [(3, 3), (4, 2), (5, 3), (7, 3), (9, 3)])
def test_no_more_frames_are_read_for_the_watermark_than_it_says(tmp_path, monkeypatch, count, read):
    monkeypatch.setattr(watermarked_video, "FRAMES", 3)
    looked = []
    monkeypatch.setattr(watermarked_video.Evidence, "add", lambda self, luma: looked.append(luma))
    monkeypatch.setattr(watermarked_video.Evidence, "read", lambda self: None)
    write_video(tmp_path / "film.mp4", pictures(count), 20)
    assert read_watermark(tmp_path / "film.mp4") is None and len(looked) == read
