"""The HTTP application: webhooks of Meta and X and their handshakes. 2xx only after the broker's acknowledgement."""

import hmac
import time
from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from services.ingest_social import examples, signatures
from services.ingest_social.documents import json_of
from services.ingest_social.handler import GROUP
from services.ingest_social.intake import Intake
from services.ingest_social.networks import NETWORKS
from services.ingest_social.post import Parsed, Refused
from services.ingest_social.settings import IngestSocialSettings
from services.runtime.health import Health
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


def create(settings: IngestSocialSettings, publisher: Publishes, intake: Intake, health: Health) -> FastAPI:
    """The application. SettingsError for a secret that cannot be read."""
    app = create_app(
        title="Complaints on social networks", service=GROUP, health=health, description=DESCRIPTION, version="1"
    )
    meta_secret, verify = settings.secret("meta_app_secret_file"), settings.secret("meta_verify_token_file")
    x_secret = settings.secret("x_consumer_secret_file")

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return JSONResponse({"error": str(error), "reason": error.reason}, error.status)

    @app.get("/v1/social/meta", tags=["Meta"], summary="Verification of the webhook")
    async def verify_meta(
        mode: Annotated[str, Query(alias="hub.mode", examples=["subscribe"])] = "",
        token: Annotated[str, Query(alias="hub.verify_token")] = "",
        challenge: Annotated[str, Query(alias="hub.challenge", examples=["1158201444"])] = "",
    ) -> Response:
        if verify is None:
            raise Refusal(403, "no verify token is configured: set META_VERIFY_TOKEN_FILE")
        if mode != "subscribe" or not hmac.compare_digest(token.encode("utf-8", "replace"), verify):
            raise Refusal(403, "hub.mode or hub.verify_token is wrong")
        return PlainTextResponse(challenge)

    @app.post(
        "/v1/social/meta", tags=["Meta"], summary="Comments, posts and messages",
        openapi_extra=examples.body(examples.META),
    )  # fmt: skip
    async def take_meta(request: Request) -> Response:
        body = await request.body()
        if meta_secret is not None:
            signatures.check_meta(body, request.headers.get("x-hub-signature-256", ""), meta_secret)
        return await take("meta", body, meta_secret is not None)

    @app.get("/v1/social/x", tags=["X"], summary="Challenge-response check of the webhook")
    async def answer_crc(crc_token: str) -> Response:
        if x_secret is None:
            raise Refusal(403, "no consumer secret is configured: set X_CONSUMER_SECRET_FILE")
        return JSONResponse({"response_token": signatures.sign_x(crc_token.encode("utf-8", "replace"), x_secret)})

    @app.post(
        "/v1/social/x", tags=["X"], summary="Posts of the filtered stream and account activity, by webhook",
        openapi_extra=examples.body(examples.X),
    )  # fmt: skip
    async def take_x(request: Request) -> Response:
        body = await request.body()
        if x_secret is not None:
            signatures.check_x(body, request.headers.get("x-twitter-webhooks-signature", ""), x_secret)
        return await take("x", body, x_secret is not None)

    async def take(network: str, body: bytes, is_signed: bool) -> Response:
        """What a network signed is never answered 400: it would be sent again for days, then unsubscribed."""
        now = time.time_ns() // 1_000_000
        origin = f"http:/v1/social/{network}"
        parsed = Parsed()
        try:
            parsed = NETWORKS[network](json_of(body), now)
            records = intake.records(parsed, body, now, origin, must_accept=is_signed)
        except Refused as fault:
            if not is_signed:
                raise
            records = [intake.letter(fault, body, now, origin)]
        await publisher.publish(records)
        accepted = sum(record.topic != "dead-letters" for record in records)
        answer: dict[str, Any] = {"status": "accepted", "accepted": accepted}
        if parsed.ignored:
            answer["ignored"] = parsed.ignored
        return JSONResponse(answer)

    return app
