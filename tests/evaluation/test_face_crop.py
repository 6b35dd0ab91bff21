import cv2
import numpy as np

from h2h.evaluation.face_crop import ENLARGED, face_crop, face_square


def drawn(left=20, right=40, top=10, bottom=38, side=64):
    nmfc = np.zeros((side, side, 3), np.uint8)
    nmfc[top:bottom, left:right, 1] = 90
    return nmfc


def test_the_square_is_round_the_drawn_face():
    x, y, side = face_square(drawn())
    assert (x, y) == (29.5, 23.5) and np.isclose(side, ENLARGED * 28)
    assert face_square(np.zeros((64, 64, 3), np.uint8)) is None and face_square(drawn(right=24)) is None


def test_a_crop_of_the_whole_frame_is_the_frame():
    y, x = np.mgrid[:64, :64]
    frame = np.stack([2 * x, 2 * y, x + y], -1).astype(np.uint8)
    crop = face_crop(frame, (31.5, 31.5, 64.0), 64, 100)
    assert np.abs(crop.astype(int) - frame).max() <= 4  # JPEG's
    larger = face_crop(frame, (31.5, 31.5, 64.0), 128, 100)
    assert np.abs(cv2.resize(larger, (64, 64), interpolation=cv2.INTER_AREA).astype(int) - frame)[2:-2, 2:-2].max() <= 4


def test_outside_is_black_and_compression_changes_noise():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert not face_crop(np.full_like(noise, 255), (300.0, 300.0, 40.0), 32, 90).any()
    best, worst = (np.abs(face_crop(noise, (31.5, 31.5, 64.0), 64, q).astype(int) - noise).mean() for q in (100, 20))
    assert best < worst
