import numpy as np
import pytest

from h2h.watermark.pattern import PERIOD, SYMBOLS, decode, encode, in_band, shift_of, tile, tiles

PINNED = ([-1.20905, -0.98543, -0.55281, -0.10239], [0.65142, 0.95255, 1.15561, 1.18912])


@pytest.mark.parametrize("number", [0, 1, 0xDEADBEEF, 2**32 - 1])
def test_a_number_comes_back_and_a_wrong_symbol_is_noticed(number):
    symbols = encode(number)
    assert len(symbols) == SYMBOLS and decode(symbols) == number
    for place in range(SYMBOLS):
        wrong = list(symbols)
        wrong[place] ^= 0x11
        assert decode(wrong) is None


def test_a_number_that_is_too_large_is_refused():
    with pytest.raises(OverflowError):
        encode(2**32)


def test_the_tiles_stay_the_same():
    """Videos are read years later: another library version must not change the pattern."""
    assert np.allclose(tiles()[0, 0, :4], PINNED[0], atol=1e-4)
    assert np.allclose(tiles()[6, 100, 50:54], PINNED[1], atol=1e-4)


def test_tiles_keep_to_their_band_and_hardly_correlate():
    for noise in [*tiles(), tile(0x12345678)]:
        power = np.abs(np.fft.fft2(noise)) ** 2
        assert power[~in_band()].sum() < 1e-6 * power.sum() and noise.std() == pytest.approx(1, abs=1e-5)
    products = np.einsum("ahw,bhw->ab", tiles(), tiles()) / PERIOD**2
    assert np.abs(products - np.eye(1 + SYMBOLS)).max() < 0.15


def test_every_symbol_has_a_shift_of_its_own():
    assert len({shift_of(symbol) for symbol in range(256)}) == 256
    assert max(max(shift_of(symbol)) for symbol in range(256)) < PERIOD
