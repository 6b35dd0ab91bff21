import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from h2h.cli import program
from h2h.errors import UserError
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import save_head_model


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "head.h5"
    save_head_model(build_anny_head(samples=200, identity=4, expression=4, seed=0), path)
    return path


def run(*arguments):
    result = CliRunner().invoke(program, ["model", "show", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_sheet_shows_mean_and_modes(stored, tmp_path):
    output = run(stored, "--sheet", tmp_path / "sheet.png", "--modes", 3)
    assert "4845 vertices" in output and "4 identity and 4 expression" in output and "CC0" in output
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")).astype(int)
    assert sheet.shape == (5 * 160, 170 + 4 * 160, 3)  # the mean from four sides, three modes of each kind
    cells = sheet[:, 170:].reshape(5, 160, 4, 160, 3).transpose(0, 2, 1, 3, 4)
    skin = (cells[..., 0] > cells[..., 2] + 20).mean(axis=(2, 3))
    assert (skin[0] > 0.2).all() and (skin[1:, :3] > 0.2).all() and not skin[1:, 3].any()
    for row in range(1, 5):  # modes differ from the mean and from each other
        assert np.abs(cells[row, 0] - cells[0, 1]).mean() > 0.5
        assert np.abs(cells[row, 0] - cells[row, 1]).mean() > 0.5
    marked = cells[0, 3] - cells[0, 1]
    assert (np.abs(marked).sum(axis=-1) > 60).sum() > 100


def test_user_mistakes(tmp_path):
    runner = CliRunner()
    with pytest.raises(UserError, match="missing"):
        runner.invoke(program, ["model", "show", str(tmp_path / "no.h5")], catch_exceptions=False)
    with pytest.raises(UserError, match="needs the published model's FILE"):
        runner.invoke(program, ["model", "show", "--source", "flame"], catch_exceptions=False)
    other = tmp_path / "generic_model.pkl"
    other.write_bytes(b"not HDF5")
    with pytest.raises(UserError) as caught:
        runner.invoke(program, ["model", "show", str(other)], catch_exceptions=False)
    assert "--source" in caught.value.remedy and "delete" not in caught.value.remedy
