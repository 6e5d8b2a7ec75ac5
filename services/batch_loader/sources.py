"""What a source is: its kind, name, place, times, columns and statuses; from the command line or a YAML file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from croniter import croniter  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from services.batch_loader.mapping.dates import Order
from services.batch_loader.mapping.headers import ROLES
from services.batch_loader.readers.text_lines import by_pattern
from services.domain.vocabulary import STATUSES
from services.runtime.errors import PipelineError

Kind = Literal["call_center_csv", "asterisk_cdr", "asterisk_queue_log", "genesys", "web_forms", "mapped"]
KINDS: tuple[Kind, ...] = (
    "call_center_csv",
    "asterisk_cdr",
    "asterisk_queue_log",
    "genesys",
    "web_forms",
    "mapped",
)


class SourceError(PipelineError):
    """A description of a source that cannot be used."""


class Step(BaseModel):
    """What `run` does after the loads, in order; a step that fails holds those after it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    command: list[str] = Field(min_length=1, description="Program and arguments.")


class Source(BaseModel):
    """One source of batches."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Kind
    name: str = Field("default", pattern=r"^[\w.-]{1,60}$", description="Tells sources of one kind apart.")
    channel: Literal["call_center", "web_form"] | None = Field(None, description="By default that of the kind.")
    timezone: str = Field("Africa/Lagos", description="Zone of times that name none.")
    encoding: str | None = Field(None, description="By default found out, e.g. utf-8, utf-16, cp1252.")
    date_order: Order | None = Field(None, description="dmy or mdy, for dates like 04/05/24; else found out.")
    columns: dict[str, str | list[str]] = Field(
        default_factory=dict, description="Canonical name: column, or columns to join."
    )
    delimiter: str = Field("", max_length=1, description="Of delimited text; by default found out.")
    header: list[str] = Field(default_factory=list, description="Names of the columns of a file without a header.")
    skip_lines: int = Field(0, ge=0, le=1_000, description="Lines at the top that are no rows.")
    pattern: str = Field("", description="Of log lines: a regular expression with named groups.")
    places: dict[str, tuple[int, int]] = Field(
        default_factory=dict, description="Of fixed columns: name to first and last character, from 1."
    )
    constants: dict[str, str] = Field(default_factory=dict, description="Fields that hold for the whole source.")
    statuses: dict[str, str] = Field(default_factory=dict, description="The source's statuses in TMF621's words.")
    locations: list[str] = Field(
        default_factory=list, description="Files, folders, globs, URLs; @FILE holds an address."
    )
    schedule: str = Field("", description="Of `run`: when it is due, a cron expression in the source's zone.")
    table: str = Field("", description="Of a database: a table, or one a day, e.g. forms_%Y_%m_%d.")
    table_schema: str | None = Field(None, description="The database's schema that holds it.")
    key: list[str] = Field(
        default_factory=list, description="Columns that tell rows apart; by default the primary key."
    )
    watermark: str | None = Field(None, description="Column that grows with every change; else all is read each time.")
    overlap: float = Field(3_600, ge=0, description="How far each run begins before the last one's end, seconds.")
    days: int = Field(7, ge=1, description="Of tables a day: how many of the last are read again for changes.")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone, e.g. Africa/Lagos") from error
        return value

    @field_validator("schedule")
    @classmethod
    def _schedule_is_cron(cls, value: str) -> str:
        if value and not croniter.is_valid(value):
            raise ValueError('is no cron expression, e.g. "15 2 * * *"')
        return value

    @field_validator("pattern")
    @classmethod
    def _pattern_names_fields(cls, value: str) -> str:
        if value:
            by_pattern(value)
        return value

    @field_validator("places")
    @classmethod
    def _places_are_spans(cls, value: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        for name, (first, last) in value.items():
            if not 1 <= first <= last:
                raise ValueError(f"{name}: write the first and the last character, e.g. [1, 8]")
        return value

    @field_validator("columns")
    @classmethod
    def _roles_exist(cls, value: Mapping[str, str | list[str]]) -> Mapping[str, str | list[str]]:
        for role in value:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", role):
                raise ValueError(f"{role!r} is no canonical name, such as {', '.join(ROLES)}")
        return value

    @field_validator("statuses")
    @classmethod
    def _statuses_exist(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for status in value.values():
            if status not in STATUSES:
                raise ValueError(f"{status!r} is no status; use one of {', '.join(STATUSES)}")
        return value

    @property
    def of_channel(self) -> str:
        """The channel of its events."""
        return self.channel or ("web_form" if self.kind == "web_forms" else "call_center")

    @property
    def full_name(self) -> str:
        """As events name it, e.g. call_center:lagos."""
        return f"{self.of_channel}:{self.name}"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)


class Plan(BaseModel):
    """A file of sources and steps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: list[Source] = Field(default_factory=list)
    steps: list[Step] = Field(default_factory=list)


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping. Raises SourceError."""
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: is no YAML") from error
    if not isinstance(loaded, dict):
        raise SourceError(f"{path}: must hold names and values, see docs/batch-loading.md")
    return loaded


def source_of(values: Mapping[str, Any], where: str) -> Source:
    """A source of plain values. Raises SourceError that names the first wrong one."""
    try:
        return Source(**values)
    except ValidationError as error:
        raise SourceError(f"{where}: {_first_fault(error)}") from error


def plan_of(path: Path) -> Plan:
    """The plan in a file. Raises SourceError."""
    try:
        plan = Plan(**read_yaml(path))
    except ValidationError as error:
        raise SourceError(f"{path}: {_first_fault(error)}") from error
    names = [source.full_name for source in plan.sources]
    if len(set(names)) != len(names):
        raise SourceError(f"{path}: two sources have one name and channel")
    return plan


def _first_fault(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
