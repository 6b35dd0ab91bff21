"""The periodic pattern that carries 32 bits: one synchronisation tile and six tiles whose shifts are the message.

Spread spectrum in the manner of Kalker et al., "A video watermarking system for broadcast monitoring" (1999): a small
tile repeats over the picture and over all frames, and the message lies in cyclic shifts of fixed noise tiles relative
to each other. All tiles are public: the mark informs, it does not resist somebody who wants it gone.
"""

from __future__ import annotations

import binascii
import functools
import hashlib
from collections.abc import Sequence

import numpy as np

PERIOD = 128  # px after which the pattern repeats
WAVELENGTHS = (7.0, 20.0)  # px; shorter ones do not survive H.264, longer ones drown in the picture
SYMBOLS = 6  # of 8 bits each: 32 bits of message, 16 of checksum
STRIDE = 8  # px between two shifts that mean different things
SYNC_STRENGTH = 1.5  # amplitude of the synchronisation tile over that of a symbol's: it is sought among more places
_SIDE = PERIOD // STRIDE


@functools.cache
def tiles() -> np.ndarray:
    """The fixed noise tiles, (1 + SYMBOLS, PERIOD, PERIOD) float32, each of RMS 1; the first synchronises.

    All have the same flat spectrum within `WAVELENGTHS`; their phases come from SHAKE-256, so that they are the same
    with every version of every library.
    """
    return np.stack([_noise(f"h2h watermark {number}") for number in range(1 + SYMBOLS)]).astype(np.float32)


@functools.cache
def in_band() -> np.ndarray:
    """Which Fourier coefficients of a tile are used, (PERIOD, PERIOD) bool, in the order of `numpy.fft.fft2`."""
    frequency = np.fft.fftfreq(PERIOD)
    radius = np.hypot(frequency[:, None], frequency[None])
    return (radius >= 1 / WAVELENGTHS[1]) & (radius <= 1 / WAVELENGTHS[0])


def tile(number: int) -> np.ndarray:
    """The tile that carries a 32-bit number, (PERIOD, PERIOD) float32, of RMS 1."""
    fixed = tiles()
    total = SYNC_STRENGTH * fixed[0]
    for noise, symbol in zip(fixed[1:], encode(number), strict=True):
        total = total + np.roll(noise, shift_of(symbol), (0, 1))
    return (total / total.std()).astype(np.float32)


def shift_of(symbol: int) -> tuple[int, int]:
    """How far a symbol of 8 bits moves its tile, px down and right."""
    return STRIDE * (symbol // _SIDE), STRIDE * (symbol % _SIDE)


def encode(number: int) -> tuple[int, ...]:
    """The symbols of a 32-bit number: its 4 bytes and its CRC-16 (CCITT).

    Raises:
        OverflowError: the number does not fit.
    """
    message = number.to_bytes(4, "big")
    return tuple(message + _checksum(message))


def decode(symbols: Sequence[int]) -> int | None:
    """The number of six symbols, None if their checksum does not fit."""
    message, checksum = bytes(symbols[:4]), bytes(symbols[4:])
    return int.from_bytes(message, "big") if _checksum(message) == checksum else None


def _checksum(message: bytes) -> bytes:
    return binascii.crc_hqx(message, 0xFFFF).to_bytes(2, "big")


def _noise(name: str) -> np.ndarray:
    digest = hashlib.shake_256(name.encode()).digest(PERIOD * PERIOD // 8)
    signs = np.unpackbits(np.frombuffer(digest, np.uint8)).reshape(PERIOD, PERIOD) * 2.0 - 1.0
    spectrum = np.fft.fft2(signs)
    magnitude = np.abs(spectrum)
    flat = np.divide(spectrum, magnitude, out=np.zeros_like(spectrum), where=in_band() & (magnitude > 0))
    noise = np.fft.ifft2(flat).real
    return noise / noise.std()
