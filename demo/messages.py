"""The sample messages as they are written down in demo/data; the README there says what their fields mean."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from demo.moments import moment
from services.domain.vocabulary import CATEGORIES
from services.runtime.errors import PipelineError

DATA = Path(__file__).parent / "data"
NO_COMPLAINT = "none"


class Entry(BaseModel):
    """What all entries of the sample input share."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    origin: str = Field("", description="File and line, e.g. sms/generic:12. Not written down: it names the entry.")
    at: str = ""
    about: str
    sent: int = Field(1, ge=1, le=5)
    name: str = ""
    repost_of: str = ""

    @field_validator("at")
    @classmethod
    def _is_a_moment(cls, value: str) -> str:
        moment(value, 0)
        return value

    @field_validator("about")
    @classmethod
    def _is_a_category(cls, value: str) -> str:
        if value not in CATEGORIES and value != NO_COMPLAINT:
            raise ValueError("is no category")
        return value


class Sms(Entry):
    """One SMS. via: how it reaches the pipeline, where the file holds several ways."""

    sender: str = Field(alias="from", pattern=r"^0\d{10}$")
    text: str = Field(min_length=1)
    via: Literal["", "africastalking", "twilio", "generic", "topic"] = ""

    @property
    def number(self) -> str:
        """The sender in international form.

        >>> Sms.model_validate({"from": "08030001000", "text": "Hello", "about": "none"}).number
        '+2348030001000'
        """
        return "+234" + self.sender[1:]


class Post(Entry):
    """One post or comment."""

    who: str = Field(min_length=1)
    text: str = Field(min_length=1)
    network: str = ""
    followers: int | None = None
    geo: str = ""
    edited: str = ""
    removed: bool = False


class Form(Entry):
    """One row of the table of web forms. then: its status at the second load, where it has changed."""

    who: str = Field(min_length=1)
    email: str | None
    phone: str | None
    subject: str
    details: str
    state: str | None
    lga: str | None
    status: str
    then: str = ""


EntryT = TypeVar("EntryT", bound=Entry)


def read(kind: type[EntryT], name: str) -> list[EntryT]:
    """The entries of one file, e.g. read(Sms, "sms/generic"); PipelineError with file and line for a bad one."""
    entries = []
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            entry = kind.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise PipelineError(f"demo/data/{name}.jsonl, line {number}: {where}: {first['msg']}") from error
        entries.append(entry.model_copy(update={"origin": f"{name}:{number}"}))
    return entries
