from h2h.io.record import Ingredient
from h2h.person.load import read_person_card
from h2h.person.record import driven_record


def test_it_names_source_target_network_and_consent(exported):
    card = read_person_card(exported)
    source = Ingredient("source", "0" * 64, "me.mp4")
    record = driven_record(card, "ann driven by me.mp4", "face", source)
    assert (record.target, record.mode, record.model) == ("ann", "face", card.made_from.network)
    assert record.ingredients == (source, Ingredient("target", card.clips[0].sha256, "a.mp4"))
    assert (record.consent, record.licence) == ("asked twice", "CC0")


def test_the_cache_stands_for_videos_that_are_gone(exported):
    card = read_person_card(exported)
    record = driven_record(card.model_copy(update={"clips": []}), "live", "head")
    assert record.ingredients == (Ingredient("target", card.made_from.cache),)
