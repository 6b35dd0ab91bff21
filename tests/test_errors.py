from h2h.errors import MOST_SHOWN, UserError


def test_what_a_hostile_file_makes_a_library_say_is_shortened():
    error = UserError("ann.npz cannot be read: " + "x" * 10**6, "get it again")
    assert len(error.what) == MOST_SHOWN and str(error).endswith("…\n  What to do: get it again")
    assert str(UserError("short")) == "short"
