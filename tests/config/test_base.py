import pytest

from h2h.config.base import check_name, escaped, escaped_line


def test_nobody_is_called_like_the_tables_mean():
    assert check_name("meaning") == "meaning" and check_name("007") == "007"
    with pytest.raises(ValueError, match="usable name"):
        check_name("mean")


def test_what_cannot_be_printed_is_written_as_python_would():
    assert escaped("größer 日本\n\t\x1b[31m\udcff") == "größer 日本\n\t\\x1b[31m\\udcff"
    assert escaped_line("größer 日本\n\t\x1b[31m\r") == "größer 日本\\n\\t\\x1b[31m\\r"
