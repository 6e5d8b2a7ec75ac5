"""The gateways, one module each. A new one is one file and one line here (docs/sources.md shows how)."""

from typing import Final

from services.ingest_sms.gateway import Gateway
from services.ingest_sms.gateways import (
    africastalking,
    generic,
    infobip,
    jasmin,
    kannel,
    mtn,
    termii,
    twilio,
    vonage,
)

GATEWAYS: Final[dict[str, Gateway]] = {
    module.GATEWAY.name: module.GATEWAY
    for module in (
        africastalking,
        twilio,
        infobip,
        vonage,
        termii,
        kannel,
        jasmin,
        mtn,
        generic,
    )
}
