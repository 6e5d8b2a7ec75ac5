"""How a request proves where it comes from. All comparisons take constant time, all run over the bytes as received."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from services.ingest_sms.request import Refused, Request


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a gateway's requests are checked against.

    secret: the vendor's token, signature secret, or user:password. method pins the algorithm where a vendor has
    several; empty accepts any of them. public_url is how the vendor reaches us (scheme, host, port, and the path
    before ours), where a proxy changes it. max_age_ms refuses signed requests that are older, 0 accepts any age.
    """

    secret: str
    method: str = ""
    public_url: str = ""
    max_age_ms: int = 0


def same(expected: str | bytes, given: str | bytes) -> bool:
    """Constant-time comparison; text that is not ASCII is never the same."""
    left = expected.encode("utf-8", "replace") if isinstance(expected, str) else expected
    right = given.encode("utf-8", "replace") if isinstance(given, str) else given
    return hmac.compare_digest(left, right)


def any_same(expected: Iterable[str | bytes], given: str | bytes) -> bool:
    """Whether one of them is the same, without stopping at the first."""
    found = False
    for candidate in expected:
        found |= same(candidate, given)
    return found


def check(valid: bool) -> None:
    """Refused (bad_signature, 401) unless valid."""
    if not valid:
        raise Refused("bad_signature", "the signature does not match; check the secret of this gateway", 401)


def needed(value: str, where: str) -> str:
    """The signature's own text; Refused (missing_signature, 401) when there is none."""
    if not value:
        raise Refused("missing_signature", f"the request has no {where}", 401)
    return value


def check_age(at_ms: int, now: int, max_age_ms: int) -> None:
    """Refused (bad_signature, 401) when a signed time is older than max_age_ms, or more than five minutes ahead."""
    if max_age_ms and not now - max_age_ms <= at_ms <= now + 300_000:
        raise Refused("bad_signature", "the signed time is too old or ahead of ours: a replay", 401)


def hmac_digests(secret: str, data: bytes, algorithm: str) -> tuple[str, str]:
    """The HMAC of data as lower-case hex and as base64."""
    digest = hmac.digest(secret.encode(), data, algorithm)
    return digest.hex(), base64.b64encode(digest).decode()


def check_basic(request: Request, secret: str) -> None:
    """HTTP Basic authentication (RFC 7617); secret is user:password."""
    scheme, _, encoded = needed(request.header("authorization"), "Authorization header").partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    check(scheme.lower() == "basic" and same(secret, given))


def check_bearer(request: Request, secret: str) -> None:
    """A bearer token (RFC 6750)."""
    scheme, _, token = needed(request.header("authorization"), "Authorization header").partition(" ")
    check(scheme.lower() == "bearer" and same(secret, token.strip()))


def check_api_key(request: Request, secret: str) -> None:
    """An API key in the header X-API-Key, or as a bearer token."""
    if request.header("x-api-key"):
        check(same(secret, request.header("x-api-key")))
    else:
        needed(request.header("authorization"), "X-API-Key header")
        check_bearer(request, secret)
