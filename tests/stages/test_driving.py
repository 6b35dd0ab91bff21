"""Another person's motion on a target's head: where the head is put."""

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from h2h.config import Sections, load_params
from h2h.io.h5 import reading
from h2h.render.landmark_sketch import draw_landmarks, fit_to_target
from h2h.stages.driving import driven_by, held_out, parameters, sketches
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import save_head_model

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from synthetic import write_cache

SIZE, FRAMES, TRAINED = 64, 40, 20


@pytest.fixture
def target(tmp_path):
    """A person whose head is elsewhere in the held-out frames than in those before: its cache, and the head model."""
    model = build_anny_head(samples=100, identity=8, expression=30, seed=3)
    save_head_model(model, tmp_path / "head_model.h5")
    return write_cache(tmp_path / "ann.h5", frames=FRAMES, size=SIZE, train_frames=TRAINED, identity=8), tmp_path


def test_a_way_back_ends_where_the_way_there_began(target, in_project):
    cache, folder = target
    values = load_params().model_dump()
    values["image"]["size"] = SIZE
    values["synthesize"] |= {"smooth_frames": 1, "translation_sigmas": 10.0}
    with reading(cache) as file:
        held, usual = (parameters(file["tracking"], *rows) for rows in ((TRAINED, FRAMES), (0, TRAINED)))
        segment = file["segment"][TRAINED:]
    away = held.translation - held.translation.mean(axis=0)  # what was tracked in a video of somebody else
    tracked = type(held)(**{**vars(held), "translation": 0.5 + away, "scale": 1.3 * held.scale})

    def place(nmfc):
        return np.mean([np.argwhere(picture.any(-1)).mean(axis=0)[::-1] / SIZE for picture in nmfc], axis=0)

    arguments = (segment, cache, folder / "head_model.h5", Sections(values))
    (own, _), (back, _), (fitted, _) = (
        driven_by(held, *arguments, held), driven_by(tracked, *arguments, held), driven_by(tracked, *arguments)
    )  # fmt: skip
    assert np.linalg.norm(place(own) - place(fitted)) > 0.03  # the person's usual place is another one
    assert own.any() and np.abs(own.astype(int) - back).mean() < 0.5  # rounding alone
    moved = usual.translation.mean(axis=0) - held.translation.mean(axis=0)
    np.testing.assert_allclose(place(fitted) - place(back), moved, atol=0.02)


def test_another_persons_drawn_landmarks_get_the_targets_place_and_size(tmp_path):
    options = {"frames": 12, "size": SIZE, "train_frames": 8}
    target, source = (write_cache(tmp_path / f"{n}.h5", n, seed=i, **options) for i, n in enumerate("ab"))
    with h5py.File(source, "r+") as file:
        file["landmarks"][:] = 0.1 + 0.5 * file["landmarks"][:]  # smaller, and elsewhere
    with reading(target) as own, reading(source) as other:
        usual, moved = own["landmarks"][:8].astype(np.float64), other["landmarks"][8:].astype(np.float64)
    drawn = sketches(target, held_out(source), SIZE)
    np.testing.assert_array_equal(drawn, draw_landmarks(fit_to_target(moved, usual), SIZE))
    assert (drawn != draw_landmarks(moved, SIZE)).any()
    with reading(target) as own:
        itself = draw_landmarks(own["landmarks"][8:].astype(np.float64), SIZE)
    np.testing.assert_array_equal(sketches(target, held_out(target), SIZE), itself)  # as it is
