"""Structured logs: one JSON object a line on stderr, without personal data.

Exceptions of ours are logged with their message, which is safe by the rule of errors.py; of any other exception only
the type and the places in the code are logged, since a library's message may quote a record.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from services.runtime.errors import PipelineError

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_OURS = ("services", "deploy", "demo", "bench", "__main__")


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object: time, level, service, logger, message, extra fields, exception."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON. Arguments of foreign libraries' messages that are exceptions are reduced to their type."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": _message(record),
        }
        line.update({k: v for k, v in vars(record).items() if k not in _STANDARD})
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = describe(record.exc_info[1], record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=lambda value: type(value).__name__)


def describe(error: BaseException, trace: TracebackType | None = None) -> dict[str, Any]:
    """Type, safe message and code places of an exception, its cause included; no values."""
    frames = traceback.extract_tb(trace or error.__traceback__)
    out: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno}" for frame in frames[-12:]],
    }
    if isinstance(error, PipelineError):
        out["message"] = str(error)
    if error.__cause__ is not None:
        out["cause"] = describe(error.__cause__)
    return out


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in _OURS:
        return record.getMessage()
    if isinstance(record.args, tuple) and any(isinstance(arg, BaseException) for arg in record.args):
        record = logging.makeLogRecord(vars(record))
        record.args = tuple(type(a).__name__ if isinstance(a, BaseException) else a for a in record.args or ())
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def configure(service: str, level: str = "INFO") -> None:
    """Send all logs of this process to stderr as JSON lines, from `level` on; third parties from WARNING on."""
    # Faust's worker puts a logger in the place of sys.stderr: what goes there would come back here
    handler = logging.StreamHandler(sys.__stderr__ or sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())


def dictionary(service: str, level: str = "INFO") -> dict[str, Any]:
    """The same as configure(), as logging.config.dictConfig wants it: for hosts that set up logging themselves."""
    ours = {name: {"level": level.upper()} for name in _OURS}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter, "service": service}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": ours,
    }
