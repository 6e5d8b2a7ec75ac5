"""Broken input, and what must become of each piece."""

import json
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from demo.deliveries import Call, Occasion, TopicRecord
from demo.messages import DATA
from demo.meta import signature
from demo.sms import twilio_signature
from services.domain.vocabulary import DEAD_LETTER_REASONS
from services.runtime.codec import Codec
from services.runtime.errors import PipelineError
from services.runtime.topics import TOPICS


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    to: str
    dead: str = ""
    """The reason of the dead letter that it must leave; empty: none."""

    @field_validator("dead")
    @classmethod
    def _is_a_reason(cls, value: str) -> str:
        if value and value not in DEAD_LETTER_REASONS:
            raise ValueError("is no reason for a dead letter")
        return value


class BadRequest(_Fault):
    """A request that is broken, or is no complaint; answer: the status that it must get."""

    type: str
    body: str
    sign: Literal["", "meta", "twilio", "wrong"] = ""
    answer: int

    def call(self, occasion: Occasion) -> Call:
        """The request."""
        social = self.to.startswith("/v1/social/")
        url = (occasion.social_url if social else occasion.sms_url) + self.to
        body = self.body.encode()
        signed = b"another body" if self.sign == "wrong" else body
        headers = {"content-type": self.type}
        if self.sign and social:
            headers |= signature(signed, occasion)
        elif self.sign:
            form = dict(parse_qsl(signed.decode()))
            headers["x-twilio-signature"] = twilio_signature(occasion.twilio_token, url, form)
        return Call(f"faults/http: {self.what}", url, body, headers, self.answer)


class BadRecord(_Fault):
    """A record that must end in dead letters."""

    text: str | None = None
    hex: str | None = None
    as_json: dict[str, Any] | None = Field(None, alias="json")
    avro: dict[str, Any] | None = None

    def record(self, codec: Codec) -> TopicRecord:
        """The record."""
        return TopicRecord(f"faults/topics: {self.what}", self.to, self._value(codec))

    def _value(self, codec: Codec) -> bytes | None:
        if self.hex is not None:
            return bytes.fromhex(self.hex)
        if self.avro is not None:
            return codec.encode(TOPICS[self.to].record, self.avro)
        if self.as_json is not None:
            return json.dumps(self.as_json).encode()
        return None if self.text is None else self.text.encode()


FaultT = TypeVar("FaultT", bound=_Fault)


def requests() -> list[BadRequest]:
    """All broken requests."""
    return _read(BadRequest, "http")


def records() -> list[BadRecord]:
    """All broken records."""
    return _read(BadRecord, "topics")


def _read(kind: type[FaultT], name: str) -> list[FaultT]:
    path = DATA / "faults" / f"{name}.yaml"
    try:
        return [kind.model_validate(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise PipelineError(f"demo/data/faults/{name}.yaml: {where}: {first['msg']}") from error
