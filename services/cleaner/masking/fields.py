"""Structured fields: masked by what they are, not by looking."""

from typing import Final

KINDS_OF_FIELDS: Final[dict[str, str]] = {
    "person": "PERSON",
    "agent": "PERSON",
    "phone": "PHONE",
    "msisdn": "PHONE",
    "email": "EMAIL",
    "account": "ACCOUNT",
    "customer_id": "ACCOUNT",
    "address": "ADDRESS",
    "handle": "HANDLE",
    "nin": "NIN",
    "vnin": "VNIN",
    "bvn": "BVN",
    "card": "CARD",
    "imei": "IMEI",
    "imsi": "IMSI",
    "iccid": "ICCID",
    "pin": "PIN",
    "dob": "DOB",
    "plate": "PLATE",
    "id": "ID",
    "tin": "TIN",
    "ip": "IP",
    "mac": "MAC",
    "geo": "GEO",
    "url": "URL",
    "number": "NUMBER",
}
"""Kind of a field to the type of its mask. "text" is the one kind that is read: its content is masked as free text."""


def mask_of(kind: str, value: str) -> str:
    """[TYPE_1] for a field of a known kind, "" for an empty one.

    >>> mask_of("person", "Ada Obi"), mask_of("phone", " ")
    ('[PERSON_1]', '')

    Raises ValueError for a kind that is not in KINDS_OF_FIELDS: a field that nobody declared must not pass.
    """
    mask = KINDS_OF_FIELDS.get(kind)
    if mask is None:
        raise ValueError(f"unknown kind of field: {kind} (known: text, {', '.join(KINDS_OF_FIELDS)})")
    return f"[{mask}_1]" if value.strip() else ""
