import numpy as np

from h2h.evaluation.mouth_features import extractor


def test_features_see_the_mouth_and_nothing_else(face):
    features = extractor()
    centre = np.array([0.44, 0.66])
    one = features(face, centre, 0.28)
    assert one.shape == (1280,) and np.isclose(np.linalg.norm(one), 1, atol=1e-5)
    elsewhere = face.copy()
    elsewhere[:100] = 0
    assert np.array_equal(one, features(elsewhere, centre, 0.28))
    shut = face.copy()
    shut[160:180, 95:130] = 30
    other = features(shut, centre, 0.28)
    assert one @ other < 0.97
