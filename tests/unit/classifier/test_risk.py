import pytest

from services.classifier.risk import NO_RISK, risk


@pytest.mark.parametrize(
    ("concepts", "category", "urgency", "kind"),
    [
        ({"regulator"}, "billing_overcharge", "high", "regulatory"),
        ({"lawyer"}, "customer_care", "high", "regulatory"),
        ({"leaving"}, "internet_data", "high", "churn"),
        ({"emergency"}, "network_outage", "high", "safety"),
        ({"hacked"}, "fraud_security", "high", "fraud"),
        (set(), "fraud_security", "medium", "fraud"),
        (set(), "internet_data", "medium", "none"),
    ],
)
def test_the_risk_follows_from_what_the_text_shows(concepts: set[str], category: str, urgency: str, kind: str) -> None:
    assert risk(concepts, category, urgency=urgency).kind == kind


def test_calling_the_operator_a_thief_is_no_fraud() -> None:
    assert risk({"scam"}, "billing_overcharge", urgency="medium").score < risk({"scam"}, "fraud_security").score


def test_what_is_no_complaint_bears_no_risk() -> None:
    assert risk({"lawyer", "emergency"}, "other", is_complaint=False) == NO_RISK


def test_a_customer_who_comes_back_again_may_leave() -> None:
    assert risk(set(), "internet_data", urgency="medium", contacts_30d=2) == NO_RISK
    third = risk(set(), "internet_data", urgency="medium", contacts_30d=3)
    assert (third.kind, third.evidence) == ("churn", ("recurrence",))
    assert risk(set(), "internet_data", urgency="medium", contacts_30d=6).score > third.score


def test_anger_reach_and_a_second_sign_add_to_the_score() -> None:
    calm = risk({"leaving"}, "internet_data", urgency="medium").score
    assert risk({"leaving"}, "internet_data", urgency="medium", sentiment=-0.9).score > calm
    assert risk({"leaving"}, "internet_data", urgency="medium", reach=50_000).score > calm
    one = risk({"regulator"}, "other", urgency="high").score
    assert risk({"regulator", "lawyer"}, "other", urgency="high").score > one


def test_the_score_stays_within_one() -> None:
    everything = {"lawyer", "regulator", "leaving", "emergency", "threat", "scam", "hacked", "stolen"}
    found = risk(everything, "fraud_security", urgency="high", sentiment=-1, contacts_30d=50, reach=10**7)
    assert 0 < found.score <= 1


def test_evidence_is_named() -> None:
    assert risk({"regulator", "leaving"}, "other", urgency="high").evidence == ("regulator",)
