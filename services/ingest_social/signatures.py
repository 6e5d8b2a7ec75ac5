"""Signatures of Meta and X over the raw bytes of a webhook, compared in constant time."""

import base64
import hmac

from services.ingest_social.post import Refused


def check_meta(body: bytes, header: str, secret: bytes) -> None:
    """X-Hub-Signature-256: sha256=<hex of HMAC-SHA256(app secret, raw body)>. Refused (401, 403) otherwise."""
    _compare(header, "sha256=" + hmac.digest(secret, body, "sha256").hex(), "X-Hub-Signature-256")


def check_x(body: bytes, header: str, secret: bytes) -> None:
    """x-twitter-webhooks-signature: sha256=<base64 of HMAC-SHA256(consumer secret, raw body)>."""
    _compare(header, sign_x(body, secret), "x-twitter-webhooks-signature")


def sign_x(message: bytes, secret: bytes) -> str:
    """What X expects of us for a crc_token, and what it signs events with.

    >>> sign_x(b"token", b"secret")
    'sha256=67aHCHY9S9HfXGMR3kqeTH2FfXlHhwjcFfxOuJ7bg7A='
    """
    return "sha256=" + base64.b64encode(hmac.digest(secret, message, "sha256")).decode()


def _compare(given: str, right: str, name: str) -> None:
    if not given:
        raise Refused("missing_signature", f"the header {name} is missing", 401)
    if not hmac.compare_digest(given.strip().encode("utf-8", "replace"), right.encode()):
        raise Refused("bad_signature", f"the header {name} does not fit the body", 403)
