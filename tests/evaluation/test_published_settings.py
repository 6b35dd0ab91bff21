"""The published tables' settings belong to the published numbers."""

from h2h.config import read_yaml
from h2h.evaluation import score_table
from h2h.evaluation.published_settings import FEW_SHOT, SETTINGS, setting_of
from h2h.stages.tables import PUBLISHED

NUMBERS = {"four": 4, "five": 5, "six": 6}


def test_every_published_table_has_its_setting():
    results = read_yaml(PUBLISHED)
    assert set(SETTINGS) == set(score_table.PUBLISHED)
    for name, setting in SETTINGS.items():
        paper = score_table.published(results, name)
        assert score_table.PUBLISHED[name][0] == setting.paper
        assert ("fid" in paper) == bool(setting.features)
        count = NUMBERS.get(setting.people.split()[0]) or len(setting.people.replace(" and", ",").split(", "))
        assert paper["person"].nunique() == count
    assert setting_of(None) is FEW_SHOT and setting_of("table2").where.endswith("Table 2")
