from h2h.config.base import escaped, escaped_line


def test_what_cannot_be_printed_is_written_as_python_would():
    assert escaped("größer 日本\n\t\x1b[31m\udcff") == "größer 日本\n\t\\x1b[31m\\udcff"
    assert escaped_line("größer 日本\n\t\x1b[31m\r") == "größer 日本\\n\\t\\x1b[31m\\r"
