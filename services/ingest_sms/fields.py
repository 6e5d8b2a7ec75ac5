"""Reads the fields of a request: query strings, forms and JSON, to text that is valid Unicode."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from services.ingest_sms.request import Parsed, Refused, Rejected, Request

MAX_FIELDS = 1_000
"""More fields than any gateway sends: a longer form is an attack."""

MAX_SENDER = 320
"""Longest sender that is kept: the longest e-mail address; numbers and names are far shorter."""

_BEYOND_64_BITS = re.compile(rb"\d{19}")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)


def form_pairs(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and value pairs of a urlencoded form or query, as bytes, in order.

    >>> form_pairs(b"text=a+b%21&to=")
    [(b'text', b'a b!'), (b'to', b'')]
    """
    data = data.strip()
    if data.count(b"&") >= MAX_FIELDS:
        raise Refused("malformed", f"the form has more than {MAX_FIELDS} fields")
    pairs = []
    for part in data.split(b"&"):
        name, _, value = part.partition(b"=")
        if name:
            pairs.append((_unquoted(name), _unquoted(value)))
    return pairs


def _unquoted(raw: bytes) -> bytes:
    raw = raw.replace(b"+", b" ")
    return unquote_to_bytes(raw) if b"%" in raw else raw


def query_pairs(request: Request) -> list[tuple[bytes, bytes]]:
    """Pairs of the query string."""
    return form_pairs(request.query.encode("utf-8", "surrogateescape")) if request.query else []


def has_json(request: Request) -> bool:
    """Whether the body is JSON: by its media type, or by its first byte where the type says nothing useful."""
    if "json" in request.media_type:
        return True
    if request.media_type == "application/x-www-form-urlencoded":
        return False
    return request.body.lstrip()[:1] in (b"{", b"[")


def charset(request: Request) -> str:
    """The character set that the content type names; UTF-8 otherwise."""
    match = _CHARSET.search(request.header("content-type"))
    return match[1] if match else "utf-8"


def text_of(raw: bytes, encoding: str, name: str) -> str:
    """Bytes as text; Refused (bad_text) when they are not of that encoding."""
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Refused("bad_text", f"the field {name} is not valid {encoding[:20]}") from error


def parameters(request: Request) -> dict[str, str]:
    """Fields of the query and of a form body, the body's first where both have one; the first of equal names."""
    pairs = query_pairs(request)
    if request.body and not has_json(request):
        pairs = form_pairs(request.body) + pairs
    encoding = charset(request)
    fields: dict[str, str] = {}
    for raw_name, raw in pairs:
        name = text_of(raw_name, "utf-8", "name")
        if name not in fields:
            fields[name] = text_of(raw, encoding, name[:40])
    return fields


def json_of(data: bytes) -> Any:
    """The JSON document; whole numbers beyond 64 bits and lone surrogates are kept as they are.

    Raises Refused: bad_text for invalid UTF-8, malformed for anything else.
    """
    if not _BEYOND_64_BITS.search(data):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # the lenient reader below tells why, or accepts a lone surrogate, which is checked field by field
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Refused("bad_text", "the body is not valid UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Refused("malformed", "the body is not JSON") from error


def _no_constant(_name: str) -> None:
    raise ValueError


def of(request: Request) -> dict[str, Any]:
    """Fields of a JSON object body, or of the query and form."""
    if request.body and has_json(request):
        document = json_of(request.body)
        if not isinstance(document, dict):
            raise Refused("malformed", "the body is not a JSON object")
        return document
    return dict(parameters(request))


def string(value: Any, name: str) -> str | None:
    """Text of a scalar; None for null, and for a missing field. Refused (bad_field) for anything else.

    Whole numbers become their digits: some gateways send ids and phone numbers as JSON numbers.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if not value.isascii():
            _check_unicode(value, name)
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Refused("bad_field", f"the field {name} is not text")


def _check_unicode(value: str, name: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refused("bad_text", f"the field {name} holds half a character (a lone surrogate)") from error


def required(found: Mapping[str, Any], *names: str) -> str:
    """Text of the first of these fields that is there and not blank; Refused (missing_field) when none is."""
    for name in names:
        value = string(found.get(name), name)
        if value is not None and value.strip():
            return value.strip()
    raise Refused("missing_field", f"the field {names[0]} is missing")


def optional(found: Mapping[str, Any], *names: str) -> str | None:
    """Text of the first of these fields that is there and not blank, else None."""
    for name in names:
        value = string(found.get(name), name)
        if value is not None and value.strip():
            return value.strip()
    return None


def attributes(found: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Those of the named fields that hold a scalar, as text; what cannot be text is left out."""
    kept = {}
    for name in names:
        value = found.get(name)
        if isinstance(value, bool):
            kept[name] = "true" if value else "false"
        elif isinstance(value, float):
            kept[name] = repr(value)
        elif isinstance(value, str | int) and value != "":
            kept[name] = str(value).encode("utf-8", "replace").decode()
    return kept


def message(
    gateway: str,
    *,
    message_id: str | None,
    sender: str,
    recipient: str | None,
    text: str,
    sent_at: int | None,
    now: int,
    attributes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """An SmsMessage: sender and recipient trimmed, the text untouched, sent_at in milliseconds UTC.

    Without a time of the gateway's own it is of the time of receipt, which the attribute imputed then says.
    """
    if len(sender) > MAX_SENDER or len(recipient or "") > MAX_SENDER:
        raise Refused("bad_field", f"the sender or recipient is longer than {MAX_SENDER} characters")
    return {
        "message_id": message_id,
        "sender": sender,
        "recipient": recipient,
        "text": text,
        "sent_at": now if sent_at is None else sent_at,
        "gateway": gateway,
        "attributes": dict(attributes or {})
        if sent_at is not None
        else {**(attributes or {}), "imputed": "occurred_at"},
    }


def is_empty(message: Mapping[str, Any]) -> bool:
    """Whether a message has neither text nor media."""
    return not message["text"].strip() and message["attributes"].get("media_count", "0") == "0"


def add(parsed: Parsed, message: dict[str, Any]) -> None:
    """Keep a message; an empty one is counted instead."""
    if is_empty(message):
        parsed.ignore("empty")
    else:
        parsed.messages.append(message)


def read_each(items: Iterable[Any], read: Callable[[Any, Parsed], None]) -> Parsed:
    """Read every item of a batch; a bad one is set aside, but when all are bad the first one's Refused is raised."""
    parsed = Parsed()
    first: Refused | None = None
    for index, item in enumerate(items):
        try:
            read(item, parsed)
            parsed.items += [index] * (len(parsed.messages) - len(parsed.items))
        except Refused as refused:
            first = first or refused
            parsed.rejected.append(Rejected(index, refused.reason, str(refused), _raw(item)))
    if not parsed.messages and not parsed.ignored:
        if first is not None:
            raise first
        parsed.ignore("empty")
    return parsed


def _raw(item: Any) -> bytes:
    try:
        return orjson.dumps(item)
    except (TypeError, ValueError):
        return repr(item).encode("utf-8", "backslashreplace")
