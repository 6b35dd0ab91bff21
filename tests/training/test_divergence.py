import json

import torch

from h2h.training.divergence import MOST_SKIPPED, PATIENCE, Watch, all_finite


def test_falling_and_noisy_losses_are_fine():
    watch = Watch()
    for i in range(200):
        assert not watch.fault({"mask": 5 / (1 + i) + 0.3 * (i % 7), "g_image": -0.1}, False)


def test_an_outlier_is_forgiven_and_an_explosion_is_not():
    watch = Watch()
    assert not any(watch.fault({"mask": 1.0}, False) for _ in range(10))
    assert not watch.fault({"mask": 1000.0}, False) and watch.suspicious
    assert not watch.fault({"mask": 1.0}, False) and not watch.suspicious
    found = [watch.fault({"mask": 50.0}, False) for _ in range(PATIENCE)]
    assert found[:-1] == [None] * (PATIENCE - 1) and "20-fold" in found[-1]


def test_what_is_not_finite_is_suspicious_and_in_the_long_run_lost():
    watch = Watch()
    assert not watch.fault({"mask": 1.0}, False)
    found = [watch.fault({"mask": float("nan")}, False) for _ in range(MOST_SKIPPED)]
    assert watch.suspicious and found[:-1] == [None] * (MOST_SKIPPED - 1) and "not finite" in found[-1]


def test_clips_of_which_some_steps_are_left_out_again_and_again_are_lost():
    """Sound steps between them keep the count of steps in a row low."""
    watch = Watch()
    assert not any(watch.fault({"mask": 1.0}, False, left_out=3) for _ in range(MOST_SKIPPED - 1))
    assert not watch.fault({"mask": 1.0}, False) and not watch.suspicious  # one clip as it should be
    found = [watch.fault({"mask": 1.0}, False, left_out=1) for _ in range(MOST_SKIPPED)]
    assert found[-2] is None and "not finite" in found[-1]


def test_the_discriminators_bring_their_own_level():
    watch = Watch()
    assert not any(watch.fault({"mask": 0.1}, False) for _ in range(10))
    assert not any(watch.fault({"mask": 0.1, "d_image": 4.0}, True) for _ in range(10))


def test_what_it_knows_outlives_an_interruption():
    watch = Watch()
    assert not any(watch.fault({"mask": 1.0}, False) for _ in range(10))
    resumed = Watch(json.loads(json.dumps(watch.state())))
    assert [bool(resumed.fault({"mask": 50.0}, False)) for _ in range(PATIENCE)][-1]
    assert not any(Watch().fault({"mask": 50.0}, False) for _ in range(PATIENCE))


def test_all_finite():
    networks = [torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)]
    assert all_finite(networks)
    networks[1].bias.data[0] = float("inf")
    assert not all_finite(networks)
