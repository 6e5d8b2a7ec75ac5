"""Closed lists of names that cross service borders. contracts in docs/architecture.md; TM Forum TMF621 for statuses."""

from typing import Final

LANES: Final = ("realtime", "batch")
LAYERS: Final = ("bronze", "silver", "gold")
ACTIONS: Final = ("created", "updated", "deleted", "withdrawn")
CHANNELS: Final = (
    "sms",
    "whatsapp",
    "x",
    "facebook",
    "instagram",
    "mastodon",
    "reddit",
    "rss",
    "web",
    "call_center",
    "web_form",
)
LANGUAGES: Final = ("en", "pcm", "yo", "ha", "ig", "other")
LEVELS: Final = ("high", "medium", "low")
PRIORITIES: Final = ("P1", "P2", "P3", "P4", "P5")
RISKS: Final = ("churn", "regulatory", "safety", "fraud", "none")
CATEGORIES: Final = (
    "network_outage",
    "network_quality",
    "internet_data",
    "billing_overcharge",
    "recharge_topup",
    "vas_unsolicited",
    "sim_registration",
    "number_portability",
    "customer_care",
    "device_terminal",
    "promotions",
    "fraud_security",
    "other",
)
STATUSES: Final = (
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "cancelled",
    "closed",
    "resolved",
)
OPERATORS: Final = ("MTN", "Airtel", "Glo", "9mobile", "Beejan", "Smile", "Spectranet", "Ntel", "Mafab")

IDENTIFIER_KINDS: Final = ("msisdn", "account", "email", "handle")
"""In order of precedence: the first that an event carries names the customer."""

DEAD_LETTER_REASONS: Final = (
    "malformed",  # bytes that are no Avro or JSON of the expected record
    "unknown_schema",  # a schema id that neither the registry nor schemas/ids.json knows
    "null_record",  # a record without a value
    "oversize",  # above the limit of its layer
    "missing_field",  # a field without which it is no complaint
    "bad_field",  # a field of the wrong type or form
    "bad_timestamp",  # a time before 2000 or more than a day ahead
    "bad_text",  # invalid UTF-8, lone surrogates
    "masking_failed",  # masking raised or took too long: fail closed
    "leak",  # the second scan found personal data after masking
    "handler_failed",  # a fault of ours on this record alone
    "rejected_by_warehouse",  # ClickHouse refused this row
)
IGNORED_REASONS: Final = (
    "delivery_receipt",  # a gateway says that our own message arrived
    "own_post",  # the operator's own account wrote it
    "echo",  # a network sends back what a page wrote
    "empty",  # nothing that could be a complaint
    "erased",  # of a customer who wished to be forgotten, received before the wish
    "unknown_event",  # a kind of event that is no message
    "other_group",  # a dead letter replayed for another consumer group
)
