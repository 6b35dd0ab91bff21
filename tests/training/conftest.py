import pytest


@pytest.fixture(autouse=True, scope="session")
def events_elsewhere(tmp_path_factory):
    """Trainings in the tests' own process leave nothing in the project's logs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("h2h.io.events.FOLDER", tmp_path_factory.getbasetemp() / "tensorboard")
        yield
