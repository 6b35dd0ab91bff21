import numpy as np
import torch
from synthetic import write_cache
from test_step import NETWORK, SIZE, make

from h2h.training.clips import Person
from h2h.training.samples import FRAMES, PEOPLE, Samples
from h2h.training.synthesis import to_pictures


def test_each_person_has_a_column_with_the_condition_the_output_and_the_truth(tmp_path):
    people = [Person(write_cache(tmp_path / f"{n}.h5", n, 20, SIZE, seed=i), True) for i, n in enumerate("abc")]
    samples, trainer = Samples(people, 2), make(network=NETWORK)
    grid = samples.grid(trainer.networks, trainer.generator())
    assert grid.shape == (3 * SIZE, 3 * SIZE, 3) and grid.dtype == np.uint8
    first, last = people[1].runs[0]
    at = first + round((last - first - FRAMES) / 2) + FRAMES - 1  # the last frame of the clip in the middle
    column = grid[:, SIZE : 2 * SIZE]
    assert np.array_equal(column[:SIZE], people[1].file["nmfc"][at])
    nothing = torch.ones(1, SIZE, SIZE)
    assert np.array_equal(column[2 * SIZE :], to_pictures(people[1].clip(at, 1)["frames"][0], nothing)[0])
    assert np.array_equal(grid, samples.grid(trainer.networks, trainer.generator()))
    assert trainer.networks.embedder.training


def test_one_person_is_shown_at_several_places(tmp_path):
    person = Person(write_cache(tmp_path / "a.h5", "a", 20, SIZE), True)
    trainer = make("vid2vid")
    assert Samples([person]).grid(trainer.networks, trainer.generator()).shape == (3 * SIZE, PEOPLE * SIZE, 3)
