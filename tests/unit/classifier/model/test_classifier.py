from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.model import Classification, Classifier, Input
from services.classifier.model.dataset import shipped
from services.classifier.rules.lexicon import lexicon
from services.classifier.rules.subcategories import SUBCATEGORIES
from services.domain.vocabulary import CATEGORIES, LANGUAGES, LEVELS, OPERATORS, RISKS

CLASSIFIER = Classifier.load()
Classify = Callable[[str], Classification]


def classify(text: str, **known: object) -> Classification:
    return CLASSIFIER.classify([Input(text, **known)])[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("No network in our whole estate since morning, nobody can call", "network_outage"),
        ("Ba mu da network a garinmu tun jiya", "network_outage"),
        ("my calls keep dropping and i cannot hear anybody", "network_quality"),
        ("Una data dey finish too fast", "internet_data"),
        ("Íńtánẹ́ẹ̀tì yín lọ́ra jù", "internet_data"),
        ("you deducted my airtime for no reason", "billing_overcharge"),
        ("unu wepụrụ ego m n'enweghị ihe kpatara ya", "billing_overcharge"),
        ("I was debited but the airtime has not entered", "recharge_topup"),
        ("I never subscribed to caller tune", "vas_unsolicited"),
        ("my line is barred because of NIN", "sim_registration"),
        ("my porting request is still pending", "number_portability"),
        ("your agent was rude to me and hung up", "customer_care"),
        ("the router I bought from your shop does not power on", "device_terminal"),
        ("you promised a bonus and gave me nothing", "promotions"),
        ("my phone was stolen, please block my line", "fraud_security"),
    ],
)
def test_plain_complaints_are_recognised(text: str, category: str) -> None:
    found = classify(text)
    assert found.is_complaint
    assert found.category == category


@pytest.mark.parametrize(
    "text",
    [
        "Thank you Beejan, my issue has been resolved",
        "How do I check my data balance?",
        "Cheap data for sale, 1GB N250, DM to order",
        "Good morning",
        "Na gode sosai",
    ],
)
def test_what_is_no_complaint_is_other_low_and_low(text: str) -> None:
    found = classify(text)
    assert not found.is_complaint
    assert (found.category, found.urgency, found.impact, found.risk) == ("other", "low", "low", "none")


def test_naming_the_regulator_is_urgent_and_says_why() -> None:
    found = classify("My data is slow, I will report you to NCC")
    assert found.urgency == "high"
    assert found.risk == "regulatory"
    assert any(reason.startswith("rule:urgency_high:regulator") for reason in found.reasons)


def test_a_big_sum_is_of_high_impact_and_says_why() -> None:
    found = classify("N45,000 was deducted from our account without reason")
    assert found.impact == "high"
    assert any(reason.startswith("rule:impact_high") for reason in found.reasons)


def test_a_case_at_the_regulator_is_marked() -> None:
    assert classify("I have reported to NCC that my data is slow").escalated
    assert not classify("My data is slow, I will report you to NCC").escalated


def test_the_sources_own_category_is_evidence() -> None:
    vague = "please look into this issue for me"
    found = classify(vague, source_category="Mobile Number Portability")
    assert found.category == "number_portability"
    assert "source:number_portability" in found.reasons
    assert classify("no network in our whole town", source_category="Billing").category == "network_outage"


def test_a_record_without_text_is_what_its_source_says() -> None:
    found = classify("", channel="call_center", source_category="Billing")
    assert (found.is_complaint, found.category, found.needs_review) == (True, "billing_overcharge", False)
    bare = classify("", channel="web_form")
    assert (bare.is_complaint, bare.category, bare.needs_review) == (True, "other", True)
    assert not classify("", channel="x").is_complaint


def test_a_known_language_is_kept() -> None:
    assert classify("babu sabis", language="pcm").language == "pcm"
    assert classify("babu sabis a garinmu").language == "ha"


def test_the_operator_is_named() -> None:
    assert classify("MTN network is bad").operator == "MTN"
    assert classify("network is bad").operator is None


def test_results_come_in_order_and_are_the_same_alone_and_in_a_batch() -> None:
    inputs = [Input(example.text) for example in shipped("test")[::7]]
    together = CLASSIFIER.classify(inputs)
    fresh = Classifier.load()
    assert together == [fresh.classify([item])[0] for item in inputs]


def test_nothing_to_classify_gives_nothing() -> None:
    assert CLASSIFIER.classify([]) == []


NOISE = st.text(max_size=120) | st.text(alphabet="nNo 0123456789₦,.-@[]_ok!?", max_size=60)


@settings(max_examples=120)
@given(NOISE, st.sampled_from([None, "sms", "call_center"]), st.sampled_from([None, "Billing", "?"]))
def test_every_text_gets_a_result_of_the_closed_lists(text: str, channel: str | None, source: str | None) -> None:
    found = classify(text, channel=channel, source_category=source)
    assert found.category in CATEGORIES
    assert found.subcategory in ("", *SUBCATEGORIES[found.category])
    assert found.urgency in LEVELS
    assert found.impact in LEVELS
    assert found.risk in RISKS
    assert found.language in LANGUAGES
    assert found.operator in (None, *OPERATORS)
    assert 0 <= found.confidence <= 1
    assert 0 <= found.risk_score <= 1
    assert -1 <= found.sentiment <= 1
    assert found.is_complaint or found.category == "other"


@settings(max_examples=60)
@given(
    st.from_regex(r"0[789][01][0-9]{8}|[0-9]{11}", fullmatch=True),
    st.sampled_from(["Oluwaseun", "Chukwuemeka", "Abdulrahman", "Ebiere"]),
)
def test_reasons_show_no_number_and_no_name(number: str, name: str) -> None:
    found = classify(f"I am {name} {number}, network is slow in {name} street, {number} will report to NCC")
    shown = " ".join(found.reasons)
    assert number not in shown
    assert name.lower() not in shown.lower()


def test_words_in_reasons_are_words_of_the_lexicon() -> None:
    found = CLASSIFIER.classify([Input(example.text) for example in shipped("test")])
    words = {reason[5:] for result in found for reason in result.reasons if reason.startswith("word:")}
    assert words
    assert words <= lexicon().words


def test_loading_from_a_file_gives_the_same_model() -> None:
    assert Classifier.load().version == CLASSIFIER.version
