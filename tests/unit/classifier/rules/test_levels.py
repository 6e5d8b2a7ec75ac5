import pytest

from services.classifier.rules.levels import levels


@pytest.mark.parametrize("concept", ["regulator", "lawyer", "leaving"])
def test_naming_regulator_lawyer_or_leaving_is_urgent(concept: str) -> None:
    found = levels("promotions", "low", "low", {concept: "the words"})
    assert found.urgency == "high"
    assert found.impact == "low"
    assert found.rules == (f"rule:urgency_high:{concept}:the words",)


def test_a_big_amount_of_money_lost_is_of_high_impact() -> None:
    assert levels("billing_overcharge", "medium", "medium", {"amount_big": "<amtbig>"}).impact == "high"


def test_a_promised_million_costs_nobody_a_million() -> None:
    evidence = {"amount_big": "million", "promo": "you have won"}
    assert levels("fraud_security", "medium", "low", evidence).impact == "low"


def test_without_a_rule_the_models_levels_stand() -> None:
    assert levels("internet_data", "medium", "low", {"slow": "slow"}) == ("medium", "low", ())
