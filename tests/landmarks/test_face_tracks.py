import numpy as np

from h2h.landmarks.face_tracks import FaceFollower, choose_person, person_boxes

ALICE, BOB = np.zeros(128), np.full(128, 0.2)  # 2.3 apart


def world(frame):
    """Faces in a frame, (box, who): Alice large in 0-39 and 60-79, Bob small all the time; a cut at 60."""
    faces = [((10.0, 10, 30, 30), BOB)]
    if frame < 40 or frame >= 60:
        faces.append(((100.0 + frame / 4, 50, 180 + frame / 4, 130), ALICE))
    return faces


def follow(frames):
    seen = []

    def picture(i):
        image = np.full((64, 64, 3), 200 if i >= 60 else 20, np.uint8)
        image[0, 0] = i  # its number
        return image

    def detect(images):
        seen.extend(int(image[0, 0, 0]) for image in images)
        return [np.array([box for box, _ in world(int(image[0, 0, 0]))]) for image in images]

    def describe(image, box):
        return next(who for b, who in world(int(image[0, 0, 0])) if np.allclose(b, box))

    follower = FaceFollower(detect, describe, every=10, cut_threshold=0.35)
    for i in range(frames):
        follower.push(picture(i))
    follower.finish()
    return follower, seen


def test_large_person_is_chosen_with_exact_ends_across_a_cut():
    follower, seen = follow(80)
    tracks, reference = choose_person(follower.tracks)
    assert [(t.frames[0], t.frames[-1]) for t in tracks] == [(0, 39), (60, 79)]
    assert (reference == ALICE).all()
    assert len(seen) < 40  # few detections
    assert follower.segments == [0] * 60 + [1] * 20


def test_boxes_are_there_exactly_where_the_person_is():
    follower, _ = follow(80)
    boxes = person_boxes(choose_person(follower.tracks)[0], 80, 5)
    present = np.isfinite(boxes[:, 0])
    assert present.tolist() == [True] * 40 + [False] * 20 + [True] * 20


def test_a_reference_from_another_clip_decides():
    follower, _ = follow(80)
    tracks, _ = choose_person(follower.tracks, BOB)
    assert all(t.boxes[0][0] == 10 for t in tracks)


def test_nobody():
    assert choose_person([]) == ([], None)
