"""What masking finds and returns."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

TYPES: Final = (
    "PERSON",
    "PHONE",
    "EMAIL",
    "NIN",
    "VNIN",
    "BVN",
    "ACCOUNT",
    "CARD",
    "IMEI",
    "IMSI",
    "ICCID",
    "PIN",
    "USSD",
    "ADDRESS",
    "HANDLE",
    "DOB",
    "PLATE",
    "ID",
    "TIN",
    "IP",
    "MAC",
    "GEO",
    "URL",
    "NUMBER",
)
"""The types of masks, as the contract names them."""


class Span(NamedTuple):
    """Personal data in a text: code points [start, end) of the original, its type, and how sure we are (0..1)."""

    start: int
    end: int
    type: str
    confidence: float


class Finding(NamedTuple):
    """What one recogniser found, in offsets of the scanned text.

    value is the canonical form of the identifier: two findings of one type and value get the same number.
    replacement stands in place of [TYPE_n] where a rule generalises instead (coordinates are rounded).
    """

    start: int
    end: int
    type: str
    confidence: float
    value: str
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A masked text (NFC), what was masked in it, and the identifiers that it mentioned.

    identifiers holds pairs of a kind of IDENTIFIER_KINDS and a canonical value. They are personal data: they are for
    making pseudonyms, at once, and for nothing else. A handle has no network in front: the caller knows it.
    """

    text: str
    spans: tuple[Span, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    language: str = "other"
