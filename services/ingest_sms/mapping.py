"""A declarative mapping: how to read the requests of a gateway that this project does not know, without code.

A mapping is a YAML file:

    gateway: acme                       # name under which its messages are kept
    items: data.messages                # where the list of messages is; left out: the request is one message
    fields:
      message_id: id
      sender: [from, msisdn]            # the first that is there
      recipient: to
      text: body
      sent_at: {path: ts, format: "%d/%m/%Y %H:%M:%S", zone: Africa/Lagos}   # or epoch, or iso (what it guesses)
      attributes: {network: operator.code}
    receipt: {path: type, equals: [dlr, report]}      # events that are delivery receipts
    answer: {body: OK, media_type: text/plain}
    signature: {header: X-Acme-Signature, algorithm: sha256, prefix: "sha256="}
    methods: [POST]

A path names a field, dots go into objects and lists: messages.0.text. Names are looked up in the JSON body, or in the
form and query.
"""

from collections.abc import Mapping as Fields
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from services.ingest_sms import fields
from services.ingest_sms.gateway import Gateway, check_shared_secret
from services.ingest_sms.request import Answer, Parsed, Refused, Request
from services.ingest_sms.signatures import Credentials, any_same, check, hmac_digests, needed
from services.ingest_sms.timestamps import any_ms, epoch_ms, iso_ms
from services.runtime.errors import SettingsError


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | int | float | bool) else value


Paths = Annotated[list[str], BeforeValidator(_listed)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class TimeField(_Model):
    """Where the time is, how it is written, and the zone of times that name none."""

    path: Paths
    format: str = "guess"
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone, such as Africa/Lagos") from error
        return value


class FieldMap(_Model):
    """Where each field of an SmsMessage is."""

    sender: Paths
    text: Paths
    message_id: Paths = []
    recipient: Paths = []
    sent_at: TimeField | None = None
    attributes: dict[str, str] = {}

    @field_validator("sent_at", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str | list) else value


class Receipt(_Model):
    """An event is a receipt when the field is there and, where values are given, is one of them."""

    path: str
    equals: Annotated[list[str | int | bool], BeforeValidator(_listed)] | None = None


class AnswerMap(_Model):
    """What to answer when all is well."""

    body: str = '{"status":"accepted"}'
    media_type: str = "application/json"
    status: int = Field(default=200, ge=200, le=299)


class SignatureMap(_Model):
    """An HMAC of the body as received, hex or base64, in a header."""

    header: str
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    prefix: str = ""


class Mapping(_Model):
    """One gateway, as its YAML file describes it."""

    gateway: str = Field(default="generic", pattern=r"^[a-z0-9][a-z0-9_.-]{0,47}$")
    items: str | None = None
    fields: FieldMap
    receipt: Receipt | None = None
    answer: AnswerMap = AnswerMap()
    signature: SignatureMap | None = None
    methods: list[Literal["GET", "POST", "PUT"]] = ["POST"]


def load(path: Path) -> Mapping:
    """The mapping in a YAML file. SettingsError says which entry is wrong."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"mapping {path}: cannot be read; create it or point the setting elsewhere") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"mapping {path}: is not YAML") from error
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SettingsError(f"mapping {path}: {where}: {first['msg']}") from error


def gateway_of(mapping: Mapping) -> Gateway:
    """The gateway that a mapping describes."""

    def verify(request: Request, credentials: Credentials, now: int) -> None:
        scheme = mapping.signature
        if scheme is None:
            check_shared_secret(request, credentials, now)
            return
        given = needed(request.header(scheme.header.lower()), f"{scheme.header} header").strip()
        check(given.startswith(scheme.prefix))
        check(
            any_same(
                hmac_digests(credentials.secret, request.body, scheme.algorithm), given.removeprefix(scheme.prefix)
            )
        )

    return Gateway(
        mapping.gateway,
        lambda request, now: parse(mapping, request, now),
        verify,
        answer=Answer(mapping.answer.body.encode(), mapping.answer.media_type, mapping.answer.status),
        methods=tuple(mapping.methods),
        signed=mapping.signature is not None,
        items=tuple(mapping.items.split(".")) if mapping.items else (),
    )


def parse(mapping: Mapping, request: Request, now: int) -> Parsed:
    """The messages of a request, by the mapping. Raises Refused."""
    is_json = bool(request.body) and fields.has_json(request)
    document: Any = fields.json_of(request.body) if is_json else fields.parameters(request)
    items = document if mapping.items is None else at(document, mapping.items)
    if items is None:
        raise Refused("missing_field", f"there is nothing at {mapping.items}")
    read = _reader(mapping, now)
    return fields.read_each(items if isinstance(items, list) else [items], read)


def _reader(mapping: Mapping, now: int) -> Any:
    where = mapping.fields

    def read(item: Any, parsed: Parsed) -> None:
        if not isinstance(item, dict):
            raise Refused("malformed", "a message is not an object")
        if mapping.receipt is not None and _is_receipt(mapping.receipt, item):
            parsed.ignore("delivery_receipt")
            return
        sender = _first(item, where.sender)
        text = _first(item, where.text)
        if not sender or not sender.strip():
            raise Refused("missing_field", f"the field {where.sender[0]} is missing")
        if text is None:
            raise Refused("missing_field", f"the field {where.text[0]} is missing")
        kept = {name: at(item, path) for name, path in where.attributes.items()}
        message = fields.message(
            mapping.gateway,
            message_id=(_first(item, where.message_id) or "").strip() or None,
            sender=sender.strip(),
            recipient=(_first(item, where.recipient) or "").strip() or None,
            text=text,
            sent_at=_time(where.sent_at, item),
            now=now,
            attributes=fields.attributes(kept, kept),
        )
        fields.add(parsed, message)

    return read


def at(document: Any, path: str) -> Any:
    """What is at a dotted path; None where there is nothing. A field whose own name holds the dots comes first.

    >>> at({"a": {"b": [1, 2]}, "x.y": 3}, "a.b.1"), at({"x.y": 3}, "x.y")
    (2, 3)
    """
    if isinstance(document, Fields) and path in document:
        return document[path]
    for step in path.split("."):
        if isinstance(document, Fields):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _first(item: Any, paths: list[str]) -> str | None:
    for path in paths:
        value = fields.string(at(item, path), path)
        if value is not None:
            return value
    return None


def _is_receipt(receipt: Receipt, item: Any) -> bool:
    value = at(item, receipt.path)
    if receipt.equals is None:
        return value is not None
    return str(value).casefold() in {str(wanted).casefold() for wanted in receipt.equals}


def _time(where: TimeField | None, item: Any) -> int | None:
    value = next((v for v in (at(item, path) for path in where.path) if v not in (None, "")), None) if where else None
    if where is None or value is None:
        return None
    zone: tzinfo = UTC if where.zone == "UTC" else ZoneInfo(where.zone)
    if where.format == "guess":
        return any_ms(value, zone)
    if where.format == "epoch":
        return epoch_ms(value)
    text = fields.string(value, where.path[0]) or ""
    if where.format == "iso":
        return iso_ms(text, zone)
    try:
        moment = datetime.strptime(text.strip(), where.format)
    except ValueError as error:
        raise Refused("bad_timestamp", f"the field {where.path[0]} is not of the mapping's format") from error
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
