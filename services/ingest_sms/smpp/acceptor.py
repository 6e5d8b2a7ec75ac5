"""What becomes of a deliver_sm: records that the broker has before the centre is answered ESME_ROK."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from services.domain.identity import IdKey
from services.ingest_sms.handler import GROUP
from services.ingest_sms.intake import Encode, Intake, Taken
from services.ingest_sms.request import Refused, Rejected, Request
from services.ingest_sms.smpp.delivery import MEDIA_TYPE, NAME, gateway
from services.ingest_sms.smpp.pdu import ESME_ROK, ESME_RX_T_APPN
from services.runtime.errors import BrokerBusy, CodecError
from services.runtime.metrics import metrics
from services.runtime.publish import Publication

_log = logging.getLogger(__name__)

ROUTE: Final = f"/{NAME}"
"""Where dead letters say that they are from, as http:/smpp."""


class Publishes(Protocol):
    """What is needed of services.runtime.publish.Publisher."""

    async def publish(self, records: Sequence[Publication]) -> None:
        """Return once the broker has all records; BrokerBusy otherwise."""
        ...


class Acceptor:
    """Accepts messages for one centre."""

    def __init__(
        self, publisher: Publishes, ids: IdKey, encode: Encode, clock: Callable[[], int] | None = None
    ) -> None:
        self._publisher = publisher
        self._intake = Intake(gateway(ids), None, ids, encode, ROUTE)
        self._clock = clock or _now
        self._ignored = metrics().counter("records_ignored")
        self._dead = metrics().counter("dead_letters")

    async def accept(self, body: bytes) -> int:
        """The command status for a deliver_sm with this body.

        What cannot be read goes to dead letters and is accepted too: to deliver it again would not mend it.
        """
        try:
            taken = self._take(body)
            await self._publisher.publish([Publication(*record) for record in taken.records])
        except BrokerBusy:
            return ESME_RX_T_APPN
        except Exception:
            _log.exception("a message could not be published; the centre will deliver it again")
            return ESME_RX_T_APPN
        for reason, count in taken.ignored.items():
            self._ignored.labels(GROUP, reason).inc(count)
        for rejected in taken.rejected:
            self._dead.labels(GROUP, rejected.reason).inc()
        return ESME_ROK

    def _take(self, body: bytes) -> Taken:
        now = self._clock()
        try:
            return self._intake.take(Request("POST", ROUTE, {"content-type": MEDIA_TYPE}, body), now)
        except (Refused, CodecError) as refused:
            rejected = Rejected(0, refused.reason, str(refused), body)
        except Exception as error:
            # a fault of ours on this message alone: delivered again for ever, it would hold up the centre's queue
            _log.exception("a message could not be handled; it is kept in dead letters")
            rejected = Rejected(0, "handler_failed", type(error).__name__, body)
        return Taken([self._intake.dead_letter(rejected, now)], rejected=[rejected])


def _now() -> int:
    return time.time_ns() // 1_000_000
