import pytest

from services.classifier.rules.lexicon import lexicon
from services.classifier.rules.subcategories import SUBCATEGORIES, concepts_needed, subcategory
from services.domain.vocabulary import CATEGORIES


def test_every_category_has_its_rules() -> None:
    assert set(SUBCATEGORIES) == set(CATEGORIES)


def test_rules_name_concepts_that_exist() -> None:
    assert concepts_needed() - set(lexicon().concepts) == set()


@pytest.mark.parametrize(
    ("category", "text", "expected"),
    [
        ("internet_data", "my data is too slow", "slow"),
        ("internet_data", "my 2GB was exhausted in one hour", "depletion"),
        ("billing_overcharge", "you deducted my airtime", "overdeduction"),
        ("recharge_topup", "the voucher says invalid pin", "voucher"),
        ("sim_registration", "my NIN is linked and my line is barred", "nin_linking"),
        ("customer_care", "your agent insulted me", "agent_conduct"),
        ("fraud_security", "my phone was stolen", "stolen_device"),
        ("number_portability", "porting is pending", "port_rejected_or_delayed"),
        ("network_outage", "no network in the whole estate", "area_outage"),
    ],
)
def test_the_finer_name_follows_the_words(category: str, text: str, expected: str) -> None:
    assert subcategory(category, lexicon().find_in(text).keys()) == expected


def test_where_nothing_is_certain_the_name_is_empty() -> None:
    assert subcategory("promotions", set()) == ""
