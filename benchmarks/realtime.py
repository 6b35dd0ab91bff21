"""Frames a second and latency of reenactment, end to end, of a trained person. The last line is JSON.

    python benchmarks/realtime.py [TARGET] [--source VIDEO] [--seconds 30] [--live-seconds 60]

First every stage by itself, one frame after the other. Then a file as fast as it goes, for so many seconds, with the
stages in threads: decoding, landmarks, fit, NMFC, generator, composite, and a marked, signed H.264 file. Then the same
source at its own rate, as `h2h live` runs it, down to the message for the page; `--live-seconds 1800` shows whether
memory stays. The papers' real-time figure took an RTX 2080 Ti.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from h2h import layout
from h2h.config import load_params
from h2h.evaluation.environment import processor
from h2h.io.camera import Captured, played_frames
from h2h.io.record import Ingredient, Record
from h2h.io.synthetic_video import SyntheticVideo
from h2h.io.video import find_clips
from h2h.live.pipeline import Pipeline
from h2h.live.session import Session
from h2h.live.streaming import StreamingReenactment, Work
from h2h.person.person import Person
from h2h.person.speed import choose

STEPS, WARM_UP = 150, 30  # frames; the first calibration lies in the second
LIVE_WARM_UP = 10.0  # seconds
PAGE = 4096  # bytes
GOALS = {
    "end_to_end_fps": (20.0, ">="),
    "live_latency_ms": (150.0, "<="),
    "live_latency95_ms": (250.0, "<="),
    "live_memory_growth_mb": (50.0, "<="),
    "live_oldest_shown_ms": (1000.0, "<="),
}


def timed(frames: Iterator[Captured], until: float) -> Iterator[Work]:
    """Decoded frames with the time that decoding took, until the clock (`time.monotonic`) says so."""
    while time.monotonic() < until:
        began = time.perf_counter()
        frame = next(frames)
        spent = {"decode": 1000 * (time.perf_counter() - began)}
        yield Work(frame.number, frame.captured, frame.time, frame.image, frame.cut, spent=spent)


def stage_times(person: Person, source: Path) -> dict[str, float]:
    """Median milliseconds of every stage when nothing else runs in this process."""
    stream = StreamingReenactment(person, background=person.plate)
    frames = itertools.islice(played_frames(source, at_once=True), WARM_UP + STEPS)
    spent = [stream.step(frame.image, frame.time, frame.number, frame.cut).spent for frame in frames][WARM_UP:]
    stream.close()
    return {name: statistics.median(row[name] for row in spent) for name in spent[0]}


def end_to_end(person: Person, source: Path, seconds: float) -> tuple[float, dict[str, float]]:
    """Sustained frames a second from file to file, and the stages' median milliseconds beside each other."""
    stream = StreamingReenactment(person, background=person.plate)
    record = Record("benchmark", person.name, stream.mode)
    spent: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        with SyntheticVideo(Path(folder) / "out.mp4", person.card.fps, record) as film:

            def write(work: Work) -> None:
                assert work.picture is not None
                film.append(work.picture)

            frames = timed(played_frames(source, at_once=True), time.monotonic() + seconds)
            pipeline = Pipeline(frames, [*stream.stages, ("encode", write)], latest=False, underway=8)
            began = time.perf_counter()
            pipeline.start()
            while (work := pipeline.take()) is not None:
                spent.append(work.spent)
        took = time.perf_counter() - began  # the signature is included
        pipeline.stop()
    stream.close()
    return len(spent) / took, {name: statistics.median(row[name] for row in spent) for name in spent[0]}


def live(person: Person, source: Path, seconds: float) -> tuple[dict, float]:
    """A session's statistics at the end, and by how many megabytes it grew after its first seconds."""
    stream = StreamingReenactment(person, background=person.plate)
    with tempfile.TemporaryDirectory() as folder:
        session = Session(stream, played_frames(source), Ingredient("source", None, source.name), Path(folder))
        session.start()
        warm = min(LIVE_WARM_UP, seconds / 2)
        session.ended.wait(warm)
        before = resident()
        session.ended.wait(seconds - warm)
        after, found = resident(), session.statistics.summary()
        session.stop()
        if session.failure is not None:
            raise session.failure
    return found, after - before


def resident() -> float:
    """Megabytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


def show(title: str, stages: dict[str, float]) -> None:
    print(title)
    for name, value in stages.items():
        print(f"  {name:<12} {value:8.1f} ms")
    print(f"  {'together':<12} {sum(stages.values()):8.1f} ms")


def main() -> None:
    params = load_params()
    quick = params.identities.quickstart
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="?", default=quick.target, help="a trained person [%(default)s]")
    parser.add_argument("--source", type=Path, help=f"a video [the first of {quick.source}]")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--live-seconds", type=float, default=60)
    given = parser.parse_args()
    source = given.source or find_clips(layout.PEOPLE / quick.source)[0]
    person = Person.load(given.target)
    runtime = choose(person.card.speed.order)
    print(f"{processor()}, {len(os.sched_getaffinity(0))} cores; {person.name} at {person.size} px by {runtime}")
    show("one after the other", stage_times(person, source))
    rate, stages = end_to_end(person, source, given.seconds)
    show(f"beside each other, {rate:.1f} frames a second over {given.seconds:.0f} s", stages)
    found, growth = live(person, source, given.live_seconds)
    show(f"live, {found['fps']} frames a second", found["stages"])
    print(f"  latency {found['latency']} ms, 95th percentile {found['latency95']} ms; memory {growth:+.0f} MB")
    print(f"  oldest frame shown {found['oldest']} ms; {found['withheld']} were too old to be shown")
    values = (rate, found["latency"], found["latency95"], growth, found["oldest"])
    report = {}
    for (name, (goal, op)), value in zip(GOALS.items(), values, strict=True):
        met = value >= goal if op == ">=" else value <= goal
        report[name] = {"value": round(value, 2), "goal": goal, "op": op, "met": met}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
