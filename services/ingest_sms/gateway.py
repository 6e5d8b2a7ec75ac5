"""The shape of a gateway: how to read its requests, how to check them, what to answer."""

from collections.abc import Callable
from dataclasses import dataclass

from services.ingest_sms.fields import form_pairs
from services.ingest_sms.request import Answer, Parsed, Request
from services.ingest_sms.signatures import Credentials, any_same, check, check_api_key, check_basic

TOKEN_PARAMETER = "token"  # noqa: S105 - the name of a parameter


def check_shared_secret(request: Request, credentials: Credentials, now: int) -> None:
    """For vendors that sign nothing: the secret as ?token= in the URL given to them, as API key, or as Basic login."""
    del now
    given = [value for name, value in form_pairs(request.query.encode()) if name == TOKEN_PARAMETER.encode()]
    if given:
        check(any_same([credentials.secret.encode()], given[0]))
    elif request.header("authorization").lower().startswith("basic "):
        check_basic(request, credentials.secret)
    else:
        check_api_key(request, credentials.secret)


@dataclass(frozen=True, slots=True)
class Example:
    """A request as the vendor sends it, for the API's documentation and its test."""

    body: str
    media_type: str = "application/x-www-form-urlencoded"


ACCEPTED = Answer()


@dataclass(frozen=True, slots=True)
class Gateway:
    """One vendor.

    parse(request, now) reads the messages of a request and raises Refused when it holds nothing acceptable; `now` (ms
    UTC) is the time of messages for which the vendor gives none. verify(request, credentials, now) raises Refused
    (401). items is where a batch has its list, as field names; None where a request holds one message. example is what
    the vendor sends; signed says whether the vendor signs it.
    """

    name: str
    parse: Callable[[Request, int], Parsed]
    verify: Callable[[Request, Credentials, int], None] = check_shared_secret
    answer: Answer = ACCEPTED
    methods: tuple[str, ...] = ("POST",)
    example: Example | None = None
    signed: bool = False
    items: tuple[str, ...] | None = None
