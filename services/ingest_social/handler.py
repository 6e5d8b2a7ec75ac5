"""The stage over the topic ingest.social: posts of direct producers to bronze."""

from collections.abc import Sequence
from typing import Final

import orjson

from services.domain.identity import IdKey
from services.ingest_social.bronze import social_event
from services.ingest_social.direct import read
from services.ingest_social.post import Refused
from services.runtime.codec import Codec
from services.runtime.errors import CodecError
from services.runtime.stage import Outcomes, Record, StageSpec, Stateless

GROUP: Final = "ingest-social"
SPEC: Final = StageSpec(service=GROUP, group=GROUP, lanes={"realtime": ("ingest.social",)}, layer="bronze")


class SocialHandler(Stateless):
    """Turns records of direct producers into bronze events."""

    def __init__(self, codec: Codec, ids: IdKey, own_accounts: frozenset[str] = frozenset()) -> None:
        self._codec = codec
        self._ids = ids
        self._own = own_accounts

    def handle(self, records: Sequence[Record], lane: str, now: int) -> Outcomes:  # noqa: ARG002
        """Outcomes of a batch. Time is the log's own, so that a batch that is read again gives the same."""
        outcomes = Outcomes(records)
        for index, record in enumerate(records):
            try:
                self._one(outcomes, index, record)
            except (Refused, CodecError) as error:
                outcomes.dead(index, error.reason, str(error))
        return outcomes

    def _one(self, outcomes: Outcomes, index: int, record: Record) -> None:
        posts, media_type = read(record.value, self._codec)
        wanted = [post for post in posts if not is_own(post, self._own)]
        told = [post for post in wanted if post["text"].strip() or post["action"] == "deleted"]
        if not told:
            outcomes.ignored(index, "empty" if wanted or not posts else "own_post")
            return
        made = []
        for post in told:
            payload = record.value if len(posts) == 1 and record.value else orjson.dumps(post)
            made.append(
                social_event(self._ids, post, received_at=record.timestamp, payload=payload, payload_type=media_type)
            )
        # all of them are good: only now the first is written
        for key, event in made:
            value = self._codec.encode("BronzeEvent", event)
            outcomes.emit(
                index, "bronze.realtime", key, value, channel=event["channel"], occurred_at=event["occurred_at"]
            )


def is_own(post: dict[str, object], own: frozenset[str]) -> bool:
    """Whether the operator itself wrote it: its handle or id is in the configured list, as network:name."""
    network = post["network"]
    names = (post["author_handle"], post["author_id"])
    return any(f"{network}:{str(name).casefold()}" in own for name in names if name)
