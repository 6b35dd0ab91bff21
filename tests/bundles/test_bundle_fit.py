import pytest
from tiny_head import head_model, shifted

from h2h.bundles.card import Card
from h2h.bundles.fit import differences, head_model_differences
from h2h.bundles.mark import head_model_mark
from h2h.io.bundle import read_card_of


@pytest.fixture(scope="module")
def card(bundle):
    return Card.model_validate(read_card_of(bundle))


def compare(card, method="ours", **changes):
    parts = {key: getattr(card, key) for key in ("network", "losses", "image", "nmfc")}
    for section, update in changes.items():
        parts[section] = parts[section].model_copy(update=update)
    return differences(card, method, **parts)


def test_every_difference_is_named(card):
    assert compare(card) == []
    assert compare(card, "vid2vid", losses={"mask": 3.0}, network={"gaze": False, "filters": 8}) == [
        "the method is ours there and vid2vid here",
        "network.filters is 4 there and 8 here",
        "network.gaze is True there and False here",
        "losses.mask is 10.0 there and 3.0 here",
    ]


def test_where_files_lie_does_not_count(card):
    assert card.network.embedder_weights == "" and card.losses.vgg_weights == ""
    assert compare(card, losses={"vgg_weights": "/x"}, network={"embedder_weights": "/y"}) == []


def test_head_models_are_told_apart_by_what_a_network_sees():
    mark = head_model_mark(head_model())
    assert mark.licence == "CC0" and mark.face == 20
    assert (
        head_model_differences(mark, head_model_mark(shifted(head_model(), 0.01))) == []
    )  # another machine's rounding
    assert "colours" in head_model_differences(mark, head_model_mark(shifted(head_model(), 400)))[0]
    assert "3 expression" in head_model_differences(mark, head_model_mark(head_model(expression=2)))[0]
    assert head_model_differences(mark, head_model_mark(head_model(seed=1)))
