import pytest

from h2h.tracking.anny_head import build_anny_head


@pytest.fixture(scope="session")
def small_head():
    """The open head model from few samples."""
    return build_anny_head(samples=100, identity=20, expression=30, seed=3)
