import pytest

from services.classifier.rules.source_categories import category_of_source


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Billing", "billing_overcharge"),
        ("call center/customer care", "customer_care"),
        ("Value-Added-Services (VAS)", "vas_unsolicited"),
        ("Network Failure", "network_outage"),
        ("network_outage", "network_outage"),
        ("Mobile Number Portability", "number_portability"),
        ("Other", None),
        ("", None),
        (None, None),
        ("Health Issues", None),
    ],
)
def test_names_of_other_systems_are_understood(name: str | None, category: str | None) -> None:
    assert category_of_source(name) == category
