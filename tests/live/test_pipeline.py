"""Threads that hand frames on."""

import threading
import time

import numpy as np
import pytest

from h2h.live.pipeline import Pipeline
from h2h.live.slot import Slot
from h2h.live.statistics import KEPT, Statistics
from h2h.live.streaming import Work


def works(count):
    for number in range(count):
        yield Work(number, time.monotonic(), number / 20, np.zeros((1, 1, 3), np.uint8))


def everything(pipeline):
    return list(iter(lambda: pipeline.take(5), None))


def test_a_newer_frame_replaces_one_that_waits():
    slot = Slot()
    for number in range(3):
        slot.put(number)
    assert slot.take() == 2 and slot.dropped == 2 and slot.take(0.01) is None
    slot.put(3)
    slot.close()
    slot.put(4)
    assert not slot.closed and slot.take() == 3 and slot.closed and slot.take() is None


def test_nothing_is_dropped_when_nothing_may():
    slot, found = Slot(latest=False), []
    reader = threading.Thread(target=lambda: [found.append(slot.take()) for _ in range(5)])
    reader.start()
    for number in range(5):
        slot.put(number)
    reader.join(5)
    assert found == [0, 1, 2, 3, 4] and slot.dropped == 0


def test_stages_run_in_order_on_every_frame():
    stages = [(name, lambda work, name=name: work.spent.update({f"in {name}": work.number})) for name in "abc"]
    pipeline = Pipeline(works(20), stages, latest=False)
    pipeline.start()
    found = everything(pipeline)
    assert [work.number for work in found] == list(range(20)) and pipeline.dropped == 0
    assert [list(work.spent) for work in found] == [["in a", "a", "in b", "b", "in c", "c"]] * 20
    pipeline.stop()


def test_a_slow_stage_makes_frames_fewer_and_not_older():
    gate, fed = threading.Semaphore(0), threading.Event()

    def source():
        for work in works(50):
            work.cut = work.number == 20
            yield work
        fed.set()

    pipeline = Pipeline(source(), [("fast", lambda work: None), ("slow", lambda work: gate.acquire())])
    pipeline.start()
    assert fed.wait(5)  # the source never waited for the slow stage
    for _ in range(6):
        gate.release()
    found = everything(pipeline)
    assert any(work.cut for work in found)  # that of frame 20, which was dropped
    assert found[-1].number == 49 and len(found) <= 4 and pipeline.dropped == 50 - len(found)
    assert [work.number for work in found] == sorted(work.number for work in found)


def test_what_goes_wrong_in_a_thread_is_told():
    def broken(work):
        raise RuntimeError("out of order")

    pipeline = Pipeline(works(5), [("fine", lambda work: None), ("broken", broken)])
    pipeline.start()
    with pytest.raises(RuntimeError, match="out of order"):
        pipeline.take(5)
    pipeline.stop()
    assert not [thread for thread in threading.enumerate() if thread.name in ("fine", "broken")]


def test_statistics():
    statistics = Statistics()
    assert statistics.summary()["fps"] == 0
    for number in range(11):
        work = Work(number, 10 + number / 10, 0, np.zeros(1), spent={"a": float(number), "b": 1.0})
        statistics.add(work, 10 + number / 10 + 0.05 + (number == 10) * 0.1)
    found = statistics.summary()
    assert found["frames"] == 11 and found["stages"] == {"a": 5.0, "b": 1.0}
    assert found["oldest"] == 150.0 and found["withheld"] == 0
    assert found["latency"] == 50.0 and 50 < found["latency95"] <= 150 and found["fps"] == round(10 / 1.1, 1)


def test_a_page_that_was_closed_says_nothing_of_todays_latency():
    statistics = Statistics()

    def finish(number, latency):
        captured = 10 + number / 10
        statistics.add(Work(number, captured, 0, np.zeros(1)), captured + latency)

    finish(0, 0.05)
    statistics.shown(0, 10.4)
    found = statistics.summary()
    assert found["drawn"] and found["latency"] == 400.0
    for number in range(1, 2 * KEPT):
        finish(number, 0.07)
    found = statistics.summary()
    assert not found["drawn"] and found["latency"] == 70.0 and found["oldest"] == 400.0
