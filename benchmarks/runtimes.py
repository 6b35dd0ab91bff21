"""What each runtime draws and costs: held-out frames of fine-tuned people of this project, frame after frame.

    python benchmarks/runtimes.py franck

Every runtime drives the person through all held-out frames on what it has drawn itself, so that rounding can build
up; the average pixel distance is from the true frames, person on black. The reference is float32. Each runtime
shows its milliseconds a frame, in turns with the others. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from h2h.config import load_params
from h2h.evaluation.environment import processor
from h2h.evaluation.pixel_distance import error_map
from h2h.io.h5 import reading
from h2h.layout import Layout
from h2h.person.person import Person
from h2h.person.speed import available, milliseconds, start

REFERENCE = "openvino-f32"
GOAL = 0.5  # levels of 255 that 8 bits may cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", nargs="+", help="fine-tuned people of this project")
    people = parser.parse_args().people
    profile = load_params().profile
    paths = Layout(profile.work, profile.reports)
    print(processor())
    losses = []
    for name in people:
        person = Person.load(name)
        distances = {which: drive(person, which, Path(paths.artifact("cache", name))) for which in available()}
        spent = turns(person)
        for which, value in distances.items():
            print(f"{name:<12} {which:<16} average pixel distance {value:6.2f}   {spent[which]:6.1f} ms a frame")
        losses.append(distances["openvino-int8"] - distances[REFERENCE])
    value = round(max(losses), 3)
    print(json.dumps({"int8_loss_levels": {"value": value, "goal": GOAL, "op": "<=", "met": value <= GOAL}}))


def drive(person: Person, which: str, cache: Path) -> float:
    """Average pixel distance of one runtime."""
    draw = person.renderer(runtime=which)  # type: ignore[arg-type]
    errors = []
    with reading(cache) as file:
        segment = file["segment"][:]
        for i in range(int(file.attrs["train_frames"]), len(segment)):
            if segment[i] != segment[i - 1]:
                draw.reset()  # after a cut a frame follows on none
            frame, _ = draw(file["nmfc"][i], file["gaze"][i])
            alpha = file["mask"][i].astype(np.float32)[..., None] / 255
            true = np.rint(file["frames"][i] * alpha).astype(np.uint8)
            errors.append(float(error_map(true, frame).mean()))
    return float(np.mean(errors))


def turns(person: Person) -> dict[str, float]:
    """Milliseconds a frame of each runtime."""
    of, size = person.card.network, person.size
    channels = 6 if of.gaze else 3
    rng = np.random.default_rng(0)
    shapes = ((1, channels * of.condition_frames, size, size), (1, 3 * of.history_frames, size, size))
    given = tuple(rng.uniform(-1, 1, shape).astype(np.float32) for shape in shapes)
    return milliseconds({which: start(which, person.model, 0, person.card.peaks) for which in available()}, given)


if __name__ == "__main__":
    main()
