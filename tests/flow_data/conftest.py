import pytest

from h2h.tracking.anny_head import build_anny_head


@pytest.fixture(scope="session")
def small_head():
    """The open head model from few samples: the same topology and expressions, a rougher identity basis."""
    return build_anny_head(samples=200, identity=12, expression=30, seed=3)
