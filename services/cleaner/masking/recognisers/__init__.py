"""The registry: one line for each recogniser. On equal confidence and length the earlier one wins."""

from typing import Final

from services.cleaner.masking.recognisers import (
    account,
    bare_number,
    birth_date,
    bvn,
    card,
    coordinates,
    customer_id,
    email,
    handle,
    iban,
    iccid,
    identity_document,
    imei,
    imsi,
    network_address,
    nin,
    phone,
    pin,
    plate,
    social_security,
    tin,
    url,
    ussd,
    vnin,
    voucher,
)
from services.cleaner.masking.recognisers.base import NumberRecogniser, PatternRecogniser

NUMBERS: Final[tuple[NumberRecogniser, ...]] = (
    phone.RECOGNISER,
    iccid.RECOGNISER,
    card.RECOGNISER,
    imei.RECOGNISER,
    imsi.RECOGNISER,
    bvn.RECOGNISER,
    nin.RECOGNISER,
    account.RECOGNISER,
    tin.RECOGNISER,
    social_security.RECOGNISER,
    voucher.RECOGNISER,
    bare_number.RECOGNISER,
)

PATTERNS: Final[tuple[PatternRecogniser, ...]] = (
    email.RECOGNISER,
    email.ENCODED_RECOGNISER,
    email.SPELT_RECOGNISER,
    url.RECOGNISER,
    ussd.RECOGNISER,
    vnin.RECOGNISER,
    iban.RECOGNISER,
    customer_id.RECOGNISER,
    identity_document.PASSPORT,
    identity_document.LICENCE,
    identity_document.WIDE_LICENCE,
    identity_document.VOTER,
    plate.RECOGNISER,
    birth_date.RECOGNISER,
    network_address.MAC,
    network_address.IPV4,
    network_address.IPV6,
    coordinates.RECOGNISER,
    handle.RECOGNISER,
    pin.RECOGNISER,
    pin.REVERSED,
    pin.PASSWORD,
)

KINDS: Final[dict[str, str]] = {
    **{number.type: number.kind for number in NUMBERS if number.kind},
    **{pattern.type: pattern.kind for pattern in PATTERNS if pattern.kind},
}
"""Type of mask to kind of identifier."""
