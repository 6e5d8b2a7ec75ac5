"""Categories as other systems name them, to ours: the regulator's form, ticket systems, call-centre exports."""

from functools import lru_cache
from typing import Final

from services.domain.vocabulary import CATEGORIES

_NAMES: Final = {
    "network_outage": ("outage", "no network", "network outage", "no service", "service outage", "network failure"),
    "network_quality": (
        "call set up",
        "network",
        "network issue",
        "network issues",
        "network quality",
        "poor network",
        "call drop",
        "coverage",
        "connectivity",
    ),
    "internet_data": (
        "internet service",
        "internet",
        "data",
        "3g services",
        "data service",
        "broadband",
        "slow internet",
    ),
    "billing_overcharge": ("billing", "bill", "overcharge", "payments", "payment", "deduction", "tariff"),
    "recharge_topup": ("recharge card", "recharge", "top up", "topup", "airtime", "voucher"),
    "vas_unsolicited": (
        "value added services vas",
        "value added services",
        "vas",
        "sms mms",
        "clip clir",
        "unsolicited messages",
        "spam",
    ),
    "sim_registration": ("sim", "sim registration", "nin", "sim swap", "kyc", "registration"),
    "number_portability": ("mobile number portability", "mnp", "porting", "number portability"),
    "customer_care": (
        "call center customer care",
        "customer care",
        "customer service",
        "agent",
        "technician support",
    ),
    "device_terminal": ("faulty terminal", "device", "handset", "router", "equipment"),
    "promotions": ("promotions", "promo", "promotion", "bonus"),
    "fraud_security": ("fraud", "security", "scam", "fraud security"),
}
_BY_NAME: Final = {name: category for category, names in _NAMES.items() for name in names}


@lru_cache(maxsize=4096)
def category_of_source(source_category: str | None) -> str | None:
    """Our category for a source's own name of one, or None where it says nothing certain.

    >>> category_of_source("Call Center/Customer Care")
    'customer_care'
    """
    if not source_category:
        return None
    folded = "".join(char if char.isalnum() else " " for char in source_category.casefold())
    plain = " ".join(folded.split())
    underscored = plain.replace(" ", "_")
    if underscored in CATEGORIES and underscored != "other":
        return underscored
    return _BY_NAME.get(plain)
