from h2h.training.divergence import PATIENCE, Watch


def test_falling_and_noisy_losses_are_fine():
    watch = Watch()
    for i in range(200):
        assert not watch.lost({"mask": 5 / (1 + i) + 0.3 * (i % 7), "g_image": -0.1}, False)


def test_an_outlier_is_forgiven_and_an_explosion_is_not():
    watch = Watch()
    assert not any(watch.lost({"mask": 1.0}, False) for _ in range(10))
    assert not watch.lost({"mask": 1000.0}, False) and watch.suspicious == 1
    assert not watch.lost({"mask": 1.0}, False) and watch.suspicious == 0
    found = [watch.lost({"mask": 50.0}, False) for _ in range(PATIENCE)]
    assert found == [False] * (PATIENCE - 1) + [True]


def test_what_is_not_finite_is_suspicious_only():
    watch = Watch()
    assert not watch.lost({"mask": 1.0}, False)
    assert not any(watch.lost({"mask": float("nan")}, False) for _ in range(3 * PATIENCE))
    assert watch.suspicious == 3 * PATIENCE


def test_the_discriminators_bring_their_own_level():
    watch = Watch()
    assert not any(watch.lost({"mask": 0.1}, False) for _ in range(10))
    assert not any(watch.lost({"mask": 0.1, "d_image": 4.0}, True) for _ in range(10))
