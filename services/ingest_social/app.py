"""The HTTP application: webhooks of Meta and X and their handshakes. 2xx only after the broker's acknowledgement."""

import hmac
import json
import time
from collections.abc import Sequence
from typing import Annotated, Any, Protocol

import orjson
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from services.domain.identity import IdKey
from services.ingest_social import signatures
from services.ingest_social.bronze import social_event
from services.ingest_social.handler import GROUP, is_own
from services.ingest_social.networks import NETWORKS
from services.ingest_social.post import Parsed, Refused
from services.ingest_social.settings import IngestSocialSettings
from services.runtime.codec import Codec
from services.runtime.deadletters import dead_letter
from services.runtime.health import Health
from services.runtime.metrics import metrics
from services.runtime.publish import Publication
from services.runtime.web import Refusal, create_app

DESCRIPTION = """
Takes what customers write on social networks, from the networks' webhooks. An answer of 2xx means: the broker has it.
"""


class Publishes(Protocol):
    """What the application needs of services.runtime.publish.Publisher."""

    async def publish(self, records: Sequence[Publication]) -> None:
        """Return once the broker has all records; BrokerBusy otherwise."""
        ...


class Intake:
    """Turns parsed posts into records for Kafka. Pure but for the given keys."""

    def __init__(self, ids: IdKey, codec: Codec, own: frozenset[str]) -> None:
        self._ids = ids
        self._codec = codec
        self._own = own

    def records(self, parsed: Parsed, document: bytes, now: int) -> list[Publication]:
        """Bronze records of the posts, and one dead letter where some could not be read. Counts what is ignored."""
        made, refused = [], list(parsed.refused)
        for post in parsed.posts:
            if is_own(post, self._own):
                parsed.ignore("own_post")
                continue
            try:
                made.append(self._record(post, document if len(parsed.posts) == 1 else orjson.dumps(post), now))
            except Refused as fault:
                refused.append(fault)
        if refused and not made and not parsed.ignored:
            raise refused[0]
        if refused:
            made.append(self._letter(refused[0], document, now))
        for reason, number in parsed.ignored.items():
            metrics().counter("records_ignored").labels(GROUP, reason).inc(number)
        return made

    def _record(self, post: dict[str, Any], payload: bytes, now: int) -> Publication:
        key, event = social_event(self._ids, post, received_at=now, payload=payload, payload_type="application/json")
        return Publication("bronze.realtime", key, self._codec.encode("BronzeEvent", event))

    def _letter(self, fault: Refused, document: bytes, now: int) -> Publication:
        letter = dead_letter(
            group=GROUP, service=GROUP, reason=fault.reason, detail=str(fault), topic=f"http:{GROUP}", partition=-1,
            offset=-1, log_time=now, key=None, value=document, failed_at=now,
            dead_letter_id=self._ids.uuid("letter", GROUP, document.decode("utf-8", "replace")),
        )  # fmt: skip
        metrics().counter("dead_letters").labels(GROUP, fault.reason).inc()
        return Publication("dead-letters", None, self._codec.encode("DeadLetter", letter))


def create(settings: IngestSocialSettings, publisher: Publishes, intake: Intake, health: Health) -> FastAPI:
    """The application. SettingsError for a secret that cannot be read."""
    app = create_app(title="Complaints on social networks", service=GROUP, health=health, description=DESCRIPTION)
    meta_secret, verify = settings.secret("meta_app_secret_file"), settings.secret("meta_verify_token_file")
    x_secret = settings.secret("x_consumer_secret_file")

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return JSONResponse({"error": error.reason, "detail": str(error)}, error.status)

    @app.get("/v1/social/meta", tags=["Meta"], summary="Verification of the webhook")
    async def verify_meta(
        mode: Annotated[str, Query(alias="hub.mode")] = "",
        token: Annotated[str, Query(alias="hub.verify_token")] = "",
        challenge: Annotated[str, Query(alias="hub.challenge")] = "",
    ) -> Response:
        if verify is None:
            raise Refusal(403, "no verify token is configured: set META_VERIFY_TOKEN_FILE")
        if mode != "subscribe" or not hmac.compare_digest(token.encode("utf-8", "replace"), verify):
            raise Refusal(403, "hub.mode or hub.verify_token is wrong")
        return PlainTextResponse(challenge)

    @app.post("/v1/social/meta", tags=["Meta"], summary="Comments, posts and messages")
    async def take_meta(request: Request) -> Response:
        body = await request.body()
        if meta_secret is not None:
            signatures.check_meta(body, request.headers.get("x-hub-signature-256", ""), meta_secret)
        return await _take("meta", body)

    @app.get("/v1/social/x", tags=["X"], summary="Challenge-response check of the webhook")
    async def answer_crc(crc_token: str) -> Response:
        if x_secret is None:
            raise Refusal(403, "no consumer secret is configured: set X_CONSUMER_SECRET_FILE")
        return JSONResponse({"response_token": signatures.sign_x(crc_token.encode(), x_secret)})

    @app.post("/v1/social/x", tags=["X"], summary="Posts of the filtered stream, by webhook")
    async def take_x(request: Request) -> Response:
        body = await request.body()
        if x_secret is not None:
            signatures.check_x(body, request.headers.get("x-twitter-webhooks-signature", ""), x_secret)
        return await _take("x", body)

    async def _take(network: str, body: bytes) -> Response:
        now = int(time.time() * 1000)
        parsed = NETWORKS[network](json_of(body), now)
        records = intake.records(parsed, body, now)
        await publisher.publish(records)
        return JSONResponse({"status": "accepted", "accepted": len(records), "ignored": parsed.ignored})

    return app


def json_of(body: bytes) -> Any:
    """The JSON document of a body; Refused when it is none."""
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        raise Refused("bad_text", "the body is no UTF-8") from None
    except (ValueError, RecursionError):
        raise Refused("malformed", "the body is no JSON") from None
