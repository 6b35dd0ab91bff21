"""Read the mark from a video that was encoded anew, scaled or cropped: blind, without the original.

What stays of the picture is the detector's noise. It is damped three times: frame by frame by a high-pass, divided by
its local strength and limited; over all frames by the mean; and by dividing that by its local strength again. The mean
is then folded by the tile's period for every scale that is tried, and correlated with the synchronisation tile by FFT;
its peak gives the shift (the crop). The symbols are where the six other tiles correlate best, and the checksum decides.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from h2h.watermark.pattern import PERIOD, STRIDE, SYMBOLS, decode, in_band, tiles

LEVELS = (1, 2)  # the frames as they are, and at half their size: for videos that were enlarged
SCALES = (0.45, 1.1)  # sizes that are tried at each level, over the size at which the video was marked
COMMON = (1.0, 0.5, 0.75, 2 / 3)  # these first
DETECTED = 5.0  # standard deviations of the correlation; below, the checksum is not even looked at
SURE = 6.0  # from here on the second best symbols are tried, too
_SMOOTH = 7  # px; what is slower than this is picture, not mark
_AROUND = 19  # px; the neighbourhood over which the mean's strength is taken
_SILENCE = 0.5  # grey levels; weaker residuals are not brought up to the strength of others
_LIMIT = 1.5  # times the local strength; more than this in one frame is an edge of the picture
_DRIFT = 2.0  # px by which a tile may be off at the edge of the picture between two scales that are tried
_WHITENING = 0.6  # exponent: 0 takes the picture's spectrum as it is, 1 its phases only


@dataclass(frozen=True)
class Mark:
    """A mark that was found.

    Attributes:
        number: the 32 bits.
        scale: the video's size over that at which it was marked.
        confidence: height of the synchronisation peak, in standard deviations of the correlation.
    """

    number: int
    scale: float
    confidence: float


class Evidence:
    """Gathers frames of one video, of one size."""

    def __init__(self) -> None:
        self.totals: dict[int, np.ndarray] = {}

    def add(self, luma: np.ndarray) -> None:
        """A frame's brightness, (H, W) uint8; both sides at least 16 px."""
        for level in LEVELS:
            size = (luma.shape[1] // level, luma.shape[0] // level)
            frame = luma if level == 1 else cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
            rest = residual(frame.astype(np.float32))
            self.totals[level] = self.totals[level] + rest if level in self.totals else rest

    def read(self) -> Mark | None:
        """The mark, None if there is none; tries all scales, the common ones first."""
        for level, total in self.totals.items():
            picture = whitened(total)
            for scale in scales(max(picture.shape)):
                found = read_at(picture, scale)
                if found is not None:
                    return replace(found, scale=scale * level)
        return None


def residual(frame: np.ndarray) -> np.ndarray:
    """What a frame adds to the evidence, (H, W) float32: its detail, edges no more than noise."""
    detail = frame - cv2.blur(frame, (_SMOOTH, _SMOOTH))
    power = cv2.blur(np.square(detail), (_SMOOTH, _SMOOTH))
    strength = np.sqrt(np.maximum(power, 0) + _SILENCE**2)
    return np.clip(detail / strength, -_LIMIT, _LIMIT)


def whitened(total: np.ndarray) -> np.ndarray:
    """A sum of residuals divided by its local RMS, (H, W) float32: textures count no more than walls."""
    power = cv2.blur(np.square(total), (_AROUND, _AROUND))
    return total / np.sqrt(np.maximum(power, 1e-6 * float(power.mean()) + 1e-12))


def scales(side: int) -> Iterator[float]:
    """Scales to try for a picture whose longer side is `side` px: close enough that no tile is missed."""
    yield from COMMON
    step = 1 + 2 * _DRIFT / max(side, PERIOD)
    scale = SCALES[0]
    while scale <= SCALES[1]:
        yield scale
        scale *= step


def read_at(picture: np.ndarray, scale: float) -> Mark | None:
    """The mark of a whitened residual at one scale, if it is there."""
    spectrum = folded_spectrum(picture, scale)
    peak, shift = synchronise(spectrum)
    if peak < DETECTED:
        return None
    ranked = rank_symbols(spectrum, shift)
    for symbols in itertools.product(*(row[: 2 if peak >= SURE else 1] for row in ranked.tolist())):
        number = decode(symbols)
        if number is not None:
            return Mark(number, scale, peak)
    return None


def folded_spectrum(picture: np.ndarray, scale: float) -> np.ndarray:
    """Bring to the size at which the mark was made, fold by the period, and whiten the spectrum within the band.

    Returns:
        (PERIOD, PERIOD // 2 + 1) complex64, in the order of `numpy.fft.rfft2`.
    """
    height, width = (max(1, round(side / scale)) for side in picture.shape)
    way = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    base = picture if (height, width) == picture.shape else cv2.resize(picture, (width, height), interpolation=way)
    rows, columns = -(-height // PERIOD), -(-width // PERIOD)
    padded = np.zeros((rows * PERIOD, columns * PERIOD), np.float32)
    padded[:height, :width] = base
    spectrum = np.fft.rfft2(padded.reshape(rows, PERIOD, columns, PERIOD).sum((0, 2)))
    magnitude = np.abs(spectrum)
    used = in_band()[:, : PERIOD // 2 + 1] & (magnitude > 0)
    return spectrum * np.power(magnitude, -_WHITENING, out=np.zeros_like(magnitude), where=used)


def synchronise(spectrum: np.ndarray) -> tuple[float, tuple[int, int]]:
    """Height of the synchronisation peak (standard deviations) and the shift of the tile, px down and right."""
    surface = _correlation(spectrum, 0)
    row, column = np.unravel_index(int(surface.argmax()), surface.shape)
    return float(surface[row, column]), (int(row), int(column))


def rank_symbols(spectrum: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    """For each place all symbols, the most probable first, given the tile's shift; (SYMBOLS, 256) ints."""
    surfaces = np.stack([_correlation(spectrum, number) for number in range(1, 1 + SYMBOLS)])
    at_symbols = np.roll(surfaces, (-shift[0], -shift[1]), (1, 2))[:, ::STRIDE, ::STRIDE]
    return np.argsort(-at_symbols.reshape(SYMBOLS, -1), axis=1)


@functools.cache
def _conjugates() -> np.ndarray:
    """Conjugate spectra of the tiles."""
    return np.conj(np.fft.rfft2(tiles()))


def _correlation(spectrum: np.ndarray, number: int) -> np.ndarray:
    """Cyclic cross-correlation with a tile, in standard deviations of itself; zero where there is no signal."""
    surface = np.fft.irfft2(spectrum * _conjugates()[number], s=(PERIOD, PERIOD))
    deviation = float(surface.std())
    return surface / deviation if deviation > 0 else surface
