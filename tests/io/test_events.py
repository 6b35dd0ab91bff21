import numpy as np
from tensorboardX.proto.event_pb2 import Event

from h2h.io.events import Events, read_pictures


def read(folder):
    """The events of all files in order, parsed as TFRecords (length, checksum, content, checksum)."""
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*"), key=lambda p: p.stat().st_mtime_ns):
        data = path.read_bytes()
        while data:
            size = int.from_bytes(data[:8], "little")
            found.append(Event.FromString(data[12 : 12 + size]))
            data = data[16 + size :]
    return found


def test_scalars_and_pictures_are_there(tmp_path):
    with Events(tmp_path / "a") as events:
        events.scalars(3, {"mask": 0.5, "g_image": -1.0})
        events.picture(3, "samples", np.full((4, 6, 3), 200, np.uint8))
    values = {v.tag: (e.step, v) for e in read(tmp_path / "a") for v in e.summary.value}
    assert values["mask"][0] == 3 and values["mask"][1].simple_value == 0.5
    image = values["samples"][1].image
    assert (image.height, image.width) == (4, 6) and image.encoded_image_string.startswith(b"\x89PNG")


def test_a_new_training_clears_the_old_one_and_a_resumed_one_goes_on(tmp_path):
    for first, value in ((0, 1.0), (5, 2.0)):
        with Events(tmp_path, first) as events:
            events.scalars(first + 1, {"mask": value})
    assert [v.simple_value for e in read(tmp_path) for v in e.summary.value] == [1.0, 2.0]
    assert 5 in [e.step for e in read(tmp_path) if e.session_log.status == e.session_log.START]  # voids later steps
    with Events(tmp_path) as events:
        events.scalars(1, {"mask": 3.0})
    assert [v.simple_value for e in read(tmp_path) for v in e.summary.value] == [3.0]


def test_pictures_are_read_back_in_order_also_of_a_job_that_was_killed(tmp_path):
    grey = lambda level: np.full((4, 6, 3), level, np.uint8)  # noqa: E731
    assert read_pictures(tmp_path / "nobody") == {}
    with Events(tmp_path) as events:
        for step in (1, 2, 3):
            events.picture(step, "samples", grey(step))
        events.scalars(3, {"mask": 0.5})
    first = read_pictures(tmp_path)["samples"]
    assert [step for step, _ in first] == [1, 2, 3] and all(png.startswith(b"\x89PNG") for _, png in first)
    with Events(tmp_path, 2) as events:  # it went on from step 2: what was written later is void
        events.picture(4, "samples", grey(40))
    again = read_pictures(tmp_path)["samples"]
    assert [step for step, _ in again] == [1, 2, 4] and again[:2] == first[:2]
    (cut,) = tmp_path.glob("*.0")
    cut.write_bytes(cut.read_bytes()[:-7])
    assert [step for step, _ in read_pictures(tmp_path)["samples"]] == [1, 2, 4]
