"""The finer name of a complaint within its category: the first whose concepts the text shows.

The names are ours: the regulator publishes issue codes of call set-up, billing and care only.
"""

from collections.abc import Set
from typing import Final

_RULES: Final[dict[str, tuple[tuple[str, tuple[frozenset[str], ...]], ...]]] = {
    category: tuple((name, tuple(frozenset(group.split("|")) for group in needed.split("&"))) for name, needed in rules)
    for category, rules in {
        "network_outage": (
            ("area_outage", "many|area&net_none|call_fail|network"),
            ("no_service", "net_none|call_fail|network"),
        ),
        "network_quality": (
            ("dropped_calls", "call_drop"),
            ("voice_quality", "call_voice"),
            ("call_setup", "call_fail"),
            ("messages", "sms_fail"),
            ("weak_signal", "net_weak|network"),
        ),
        "internet_data": (
            ("depletion", "data_finish"),
            ("expiry", "bundle&not_received|no_reason"),
            ("no_connection", "data_fail|net_none"),
            ("slow", "slow"),
            ("plan", "bundle"),
        ),
        "billing_overcharge": (
            ("loan_recovery", "loan"),
            ("tariff", "charge&call"),
            ("overdeduction", "deduct|no_reason"),
            ("wrong_bill", "charge"),
            ("missing_balance", "balance"),
        ),
        "recharge_topup": (
            ("paid_not_received", "recharge_via|bank&not_received|failed|deduct"),
            ("voucher", "voucher_bad"),
            ("wrong_recipient", "wrong_recipient"),
            ("data_purchase", "data|bundle"),
            ("airtime_purchase", "recharge|balance"),
        ),
        "vas_unsolicited": (
            ("unsolicited_messages", "spam"),
            ("caller_tune_or_subscription", "vas"),
        ),
        "sim_registration": (
            ("nin_linking", "nin"),
            ("sim_swap", "sim_swap"),
            ("barred_line", "sim_block"),
            ("reassigned_number", "sim_resold"),
            ("registration", "sim_reg"),
        ),
        "number_portability": (
            ("port_rejected_or_delayed", "port"),
            ("after_porting", "call_fail"),
        ),
        "customer_care": (
            ("agent_conduct", "rude"),
            ("unresolved_ticket", "ticket"),
            ("unreachable", "no_response"),
        ),
        "device_terminal": (
            ("router_or_modem", "router"),
            ("handset", "device|device_fault"),
        ),
        "promotions": (("reward_not_given", "promo_fail|not_received"), ("bonus", "promo")),
        "fraud_security": (
            ("sim_swap_fraud", "sim_swap|hacked&fraud_money|recharge_via"),
            ("stolen_device", "stolen"),
            ("account_takeover", "hacked"),
            ("threats", "threat"),
            ("scam", "scam|credentials|fraud_money"),
        ),
        "other": (
            ("safety", "emergency"),
            ("mast", "mast_health|mast"),
            ("works_and_property", "works"),
            ("app_or_website", "app_web"),
            ("privacy_or_business", "privacy_staffing"),
        ),
    }.items()
}

SUBCATEGORIES: Final = {category: tuple(name for name, _ in rules) for category, rules in _RULES.items()}
"""All finer names by category."""


def subcategory(category: str, concepts: Set[str]) -> str:
    """The finer name, or "" where none is certain.

    >>> subcategory("internet_data", {"data", "slow"})
    'slow'
    """
    for name, needed in _RULES[category]:
        if all(concepts & group for group in needed):
            return name
    return ""


def concepts_needed() -> set[str]:
    """All concepts that a rule asks for."""
    groups = [group for rules in _RULES.values() for _, needed in rules for group in needed]
    return set().union(*groups)
