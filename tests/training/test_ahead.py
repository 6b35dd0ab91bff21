import pytest

from h2h.training.ahead import one_ahead


def test_draws_come_in_order_andone_ahead():
    drawn = []

    def draw(number):
        drawn.append(number)
        return 10 * number

    found = []
    for value in one_ahead(draw, range(3, 8)):
        found.append(value)
        assert len(drawn) <= len(found) + 1
    assert found == [30, 40, 50, 60, 70] and drawn == [3, 4, 5, 6, 7]
    assert list(one_ahead(draw, range(0))) == []


def test_what_goes_wrong_in_a_draw_reaches_the_caller():
    def draw(number):
        if number == 1:
            raise OSError("the cache is gone")
        return number

    ahead = one_ahead(draw, range(4))
    assert next(ahead) == 0
    with pytest.raises(OSError, match="the cache is gone"):
        next(ahead)
