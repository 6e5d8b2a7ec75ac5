"""Turns parsed posts into records for Kafka. Pure but for the given keys and the metrics that it counts."""

from typing import Any

import orjson

from services.domain.identity import IdKey
from services.ingest_social.bronze import social_event
from services.ingest_social.handler import GROUP, is_own
from services.ingest_social.post import Parsed, Refused
from services.runtime.codec import Codec
from services.runtime.deadletters import dead_letter
from services.runtime.metrics import metrics
from services.runtime.publish import Publication


class Intake:
    """Posts in, bronze records and dead letters out."""

    def __init__(self, ids: IdKey, codec: Codec, own: frozenset[str]) -> None:
        self._ids = ids
        self._codec = codec
        self._own = own

    def fingerprint(self, text: str) -> str:
        """A short keyed digest: tells whether a text was seen, without keeping it."""
        return self._ids.uuid("fingerprint", text)[:13]

    def records(
        self, parsed: Parsed, document: bytes, now: int, origin: str, must_accept: bool = False
    ) -> list[Publication]:
        """Bronze records of the posts, and a dead letter for each that could not be read. Counts what is ignored.

        origin says where the document is from, e.g. http:/v1/social/x or feed:x-search. Refused when nothing of it is
        good, unless it must be accepted all the same: then all goes to dead letters.
        """
        made = []
        failed = [(refused, document if refused.raw is None else _payload(refused.raw)) for refused in parsed.refused]
        for position, post in enumerate(parsed.posts):
            if is_own(post, self._own):
                parsed.ignore("own_post")
                continue
            if not post["text"].strip() and post["action"] != "deleted":
                parsed.ignore("empty")
                continue
            payload = document if len(parsed.posts) == 1 and document else _payload(parsed.raw[position])
            try:
                made.append(self._record(post, payload, now))
            except Refused as refused:
                failed.append((refused, payload))
        if failed and not made and not parsed.ignored and not must_accept:
            raise failed[0][0]
        made += [self.letter(refused, raw, now, origin) for refused, raw in failed]
        for reason, number in parsed.ignored.items():
            metrics().counter("records_ignored").labels(GROUP, reason).inc(number)
        return made

    def _record(self, post: dict[str, Any], payload: bytes, now: int) -> Publication:
        key, event = social_event(self._ids, post, received_at=now, payload=payload, payload_type="application/json")
        return Publication("bronze.realtime", key, self._codec.encode("BronzeEvent", event))

    def letter(self, refused: Refused, raw: bytes, now: int, origin: str) -> Publication:
        """A dead letter of a post, or of a whole document."""
        # the id is of origin, reason and bytes: the same failure twice is one letter
        name = self._ids.uuid("dead-letter", origin, str(refused), raw.decode("latin-1"))
        letter = dead_letter(
            group=GROUP, service=GROUP, reason=refused.reason, detail=str(refused), topic=origin,
            partition=-1, offset=-1, log_time=now, key=None, value=raw, failed_at=now, dead_letter_id=name,
        )  # fmt: skip
        metrics().counter("dead_letters").labels(GROUP, refused.reason).inc()
        return Publication("dead-letters", name.encode(), self._codec.encode("DeadLetter", letter))


def _payload(raw: Any) -> bytes:
    """The part of the document that a post was read from, as JSON."""
    try:
        return orjson.dumps(raw, default=str, option=orjson.OPT_NON_STR_KEYS)
    except (TypeError, ValueError):
        return repr(raw).encode("utf-8", "backslashreplace")
