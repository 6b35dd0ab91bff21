import http.server
import json
import threading

import av
import numpy as np
import pytest
from click.testing import CliRunner

from h2h.commands.verify import ALTERED, STRIPPED, UNKNOWN, command
from h2h.errors import UserError
from h2h.io.credentials import WATERMARK, NoCredentials, _manifest, read_credentials, sidecar
from h2h.io.record import Ingredient, Record
from h2h.io.synthetic_video import SyntheticVideo
from h2h.io.video_writer import write_video

RECORD = Record(
    "ours.b.a",
    target="b",
    mode="head",
    model="34cd" * 16,
    ingredients=(Ingredient("target", "12ab" * 16, "b.mp4"), Ingredient("source", None, "camera")),
    licence="MIT\x1b[31m",
)


@pytest.fixture(scope="module")
def pictures(face):
    return [np.roll(face, t, axis=1) for t in range(24)]


@pytest.fixture
def film(tmp_path, pictures):
    return write(tmp_path / "film.mp4", pictures)


def write(path, pictures, record=RECORD):
    with SyntheticVideo(path, 20, record) as made:
        for picture in pictures:
            made.append(picture)
    return path


def verify(*arguments):
    done = CliRunner().invoke(command, [str(a) for a in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def shown(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def manifest_box(film):
    """The outermost box of an MP4 that holds the manifest."""
    data, start = film.read_bytes(), 0
    while data[start + 4 : start + 8] != b"uuid":
        start += int.from_bytes(data[start : start + 4], "big")
    return data[start : start + int.from_bytes(data[start : start + 4], "big")]


def test_an_untouched_video_says_who_and_what(film):
    code, said = verify(film)
    assert code == 0 and "not altered since it was signed" in said
    assert "synthesised by a trained model, made by h2h" in said and "shows b" in said
    assert "target b.mp4, SHA-256 " + "12ab" * 16 in said and "source camera, no hash recorded" in said
    assert "consent: not recorded" in said and "nobody vouches for the name" in said
    assert "\x1b" not in said and "MIT?[31m" in said


def test_a_video_that_was_encoded_anew_is_known_by_its_mark(film, tmp_path, pictures):
    write_video(tmp_path / "again.mp4", shown(film), 20, quality=28)
    code, said = verify(tmp_path / "again.mp4")
    assert code == STRIPPED and "Content Credentials were removed" in said and f"{RECORD.number:08x}" in said
    (tmp_path / "known/deep").mkdir(parents=True)
    assert "of no video in" in verify(tmp_path / "again.mp4", "--known", tmp_path / "known")[1]
    film.rename(tmp_path / "known/deep/original.mp4")
    write_video(tmp_path / "known/plain.mp4", pictures[:2], 20)
    (tmp_path / "known/deep/.tmp-1-copy.mp4").write_bytes((tmp_path / "known/deep/original.mp4").read_bytes())
    trimmed(tmp_path / "known/deep/original.mp4", tmp_path / "known/part.mp4", keep_manifest=True)
    said = verify(tmp_path / "again.mp4", "--known", tmp_path / "known")[1]
    assert "original.mp4" in said and "part.mp4" not in said and ".tmp" not in said


def trimmed(film, path, keep_manifest):
    """The first half of the packets, copied as they are; and the box of the manifest at the end."""
    with av.open(str(film)) as source, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in [p for p in source.demux(video=0) if p.dts is not None][:12]:
            packet.stream = stream
            output.mux(packet)
    if keep_manifest:
        path.write_bytes(path.read_bytes() + manifest_box(film))
    return path


def test_a_trimmed_video_with_its_manifest_is_altered(film, tmp_path):
    code, said = verify(trimmed(film, tmp_path / "part.mp4", keep_manifest=True))
    assert code == ALTERED and "ALTERED: pictures, sound or their order" in said
    assert "still carry the number that the credentials name" in said


def test_a_manifest_on_other_pictures_is_altered(film, tmp_path, pictures):
    other = write(tmp_path / "other.mp4", pictures[:12], Record("other", "c", "self"))
    write_video(tmp_path / "plain.mp4", pictures[:12], 20)
    manifest = manifest_box(film)
    for path, says in ((other, "come from another video"), (tmp_path / "plain.mp4", "none is left in the pictures")):
        grafted = tmp_path / "grafted.mp4"
        write_video(grafted, shown(path), 20, quality=10)
        grafted.write_bytes(grafted.read_bytes() + manifest)
        code, said = verify(grafted)
        assert code == ALTERED and says in said


def test_a_changed_manifest_is_forged(film):
    data = film.read_bytes().replace(b"not recorded", b"signed  form", 1)
    film.write_bytes(data)
    code, said = verify(film)
    assert code == ALTERED and "the credentials themselves were changed" in said and "Watermark" not in said


def strangers(path, pictures, label, data):
    """A video whose assertion `label` says `data`, signed without asking whether that makes sense."""
    import c2pa

    from h2h.io.signing_key import signing_key

    own, manifest = signing_key(), _manifest(RECORD)
    next(one for one in manifest["assertions"] if one["label"] == label)["data"] = data
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, own.chain, own.key, None)
    unchecked = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    write_video(path.with_name("unsigned.mp4"), pictures, 20)
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest), context=unchecked) as builder:
        builder.sign_file(path.with_name("unsigned.mp4"), path, signer)
    return path


@pytest.mark.parametrize(
    "binding",
    [
        "text",
        {"alg": WATERMARK},
        *({"alg": WATERMARK, "blocks": blocks} for blocks in ([], None, {}, ["x"], [{"scope": {}}])),
        *({"alg": WATERMARK, "blocks": [{"scope": {}, "value": value}]} for value in ("zz", "-0000001", "f" * 40, 5)),
    ],
)
def test_a_number_that_cannot_be_read_is_none(tmp_path, pictures, binding):
    film = strangers(tmp_path / "film.mp4", pictures[:1], "c2pa.soft-binding", binding)
    assert read_credentials(film).watermark is None and verify(film)[0] == 0


@pytest.mark.parametrize("record", [[], [1], "text", 5, None])
def test_a_record_that_is_none_says_nothing(tmp_path, pictures, record):
    film = strangers(tmp_path / "film.mp4", pictures[:1], "org.h2h.record", record)
    code, said = verify(film)
    assert code == 0 and "shows" not in said and read_credentials(film).record == {}


@pytest.mark.parametrize("ingredients", [None, "text", {"a": 1}, ["x", None, {"role": "source", "sha256": 5}]])
def test_ingredients_that_are_none_are_passed_over(tmp_path, pictures, ingredients):
    record = {"target": "b", "ingredients": ingredients}
    code, said = verify(strangers(tmp_path / "film.mp4", pictures[:1], "org.h2h.record", record))
    assert code == 0 and "shows b" in said
    assert ("From:   source, SHA-256 5" in said) == isinstance(ingredients, list)


def test_a_stripped_video_is_known_by_its_mark(film, tmp_path):
    code, said = verify(trimmed(film, tmp_path / "bare.mp4", keep_manifest=False))
    assert code == STRIPPED and "synthesised by h2h" in said and "100% of the original's size" in said


def test_the_sidecar_of_a_webm_is_found(tmp_path, pictures):
    film = write(tmp_path / "film.webm", pictures[:8])
    assert verify(film)[0] == 0
    data = bytearray(film.read_bytes())
    data[-40] ^= 255
    film.with_name("b.webm").write_bytes(data)
    sidecar(film).rename(sidecar(film.with_name("b.webm")))
    assert verify(film)[0] == STRIPPED and verify(film.with_name("b.webm"))[0] == ALTERED


def test_a_video_of_another_origin(tmp_path, pictures):
    write_video(tmp_path / "real.mp4", pictures, 20)
    code, said = verify(tmp_path / "real.mp4")
    assert code == UNKNOWN and "neither Content Credentials nor h2h's watermark" in said


def test_what_is_no_video_is_said_to_be_none(tmp_path):
    (tmp_path / "text.mp4").write_text("hello")
    for path, says in ((tmp_path / "text.mp4", "not a readable video"), (tmp_path / "no.mp4", "missing")):
        with pytest.raises(UserError, match=says):
            verify(path)
    with pytest.raises(UserError, match="is a folder"):
        verify(tmp_path)


def test_reading_a_file_asks_no_server(tmp_path, film):
    import c2pa

    from h2h.io.signing_key import signing_key

    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own = signing_key()
        info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, own.chain, own.key, None)
        away = tmp_path / "away.jpg"
        with av.open(str(away), "w", format="mjpeg") as container:
            stream = container.add_stream("mjpeg", rate=1)
            stream.pix_fmt, stream.width, stream.height = "yuvj420p", 64, 64
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux([*stream.encode(picture), *stream.encode()])
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(_manifest(RECORD))) as builder:
            builder.set_no_embed()
            builder.set_remote_url(f"http://127.0.0.1:{server.server_port}/manifest.c2pa")
            builder.sign_file(away, tmp_path / "remote.jpg", signer)
        with pytest.raises(c2pa.C2paError):
            c2pa.Reader(tmp_path / "remote.jpg")
        assert asked  # the library does ask, left to itself
        asked.clear()
        with pytest.raises(NoCredentials):
            read_credentials(tmp_path / "remote.jpg")
        server.shutdown()
    assert not asked
