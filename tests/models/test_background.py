import numpy as np

from h2h.models.background import clean_plate, composite
from h2h.models.nearest_frame import nearest_frames


def test_clean_plate_is_the_background_behind_a_moving_person():
    rng = np.random.default_rng(0)
    wall = np.broadcast_to(rng.integers(0, 255, (1, 40, 3)), (40, 40, 3)).astype(np.uint8)
    frames, masks = [], []
    for t in range(8):
        mask = np.zeros((40, 40), np.uint8)
        mask[10:30, 4 * t : 4 * t + 10] = 255
        frames.append(np.where(mask[..., None] > 0, 255, wall).astype(np.uint8))
        masks.append(mask)
    assert np.array_equal(clean_plate(np.stack(frames), np.stack(masks)), wall)


def test_holes_are_filled_from_around():
    frames = np.full((3, 32, 32, 3), 90, np.uint8)
    masks = np.zeros((3, 32, 32), np.uint8)
    masks[:, 12:20, 12:20] = 255
    frames[masks > 0] = 255
    assert np.abs(clean_plate(frames, masks).astype(int) - 90).max() <= 3
    assert not clean_plate(frames, np.full_like(masks, 255)).any()


def test_composite_is_the_over_operator():
    mask = np.array([[0, 128, 255]], np.uint8)
    foreground = (200 * (mask[..., None] / 255)).round().astype(np.uint8).repeat(3, -1)
    background = np.full((1, 3, 3), 100, np.uint8)
    assert composite(foreground, mask, background)[0, :, 0].tolist() == [100, 150, 200]


def test_nearest_frame_is_the_nearest():
    rng = np.random.default_rng(0)
    training = rng.integers(0, 255, (6, 8, 8, 3)).astype(np.uint8)
    order = np.array([3, 0, 5])
    driving = np.clip(training[order].astype(int) + rng.integers(-5, 6, (3, 8, 8, 3)), 0, 255).astype(np.uint8)
    assert np.array_equal(nearest_frames(driving, training), order)
