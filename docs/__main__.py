"""python -m docs: write again the parts of the documentation that are made from the code; --check only compares.

A part stands between <!-- made: name --> and <!-- end --> in a page of this folder.
"""

import argparse
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings

import deploy.local.settings
import services
from services.domain.vocabulary import DEAD_LETTER_REASONS, IGNORED_REASONS
from services.runtime.cli import EXIT_DATA, EXIT_OK, Parser, run
from services.runtime.metrics import CATALOGUE, PREFIX
from services.runtime.settings import KafkaSettings, ServiceSettings
from services.runtime.topics import DAY_MS, TOPICS

FOLDER: Final = Path(__file__).parent
_PART: Final = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _models() -> Iterator[tuple[str, type[BaseSettings]]]:
    """(who reads it, model) of all settings, what is common first."""
    yield "every service", KafkaSettings
    yield "every service", ServiceSettings
    for module in pkgutil.iter_modules(services.__path__):
        try:
            found = importlib.import_module(f"services.{module.name}.settings")
        except ModuleNotFoundError:
            continue
        for value in vars(found).values():
            if isinstance(value, type) and issubclass(value, ServiceSettings) and value.__module__ == found.__name__:
                yield module.name, value
    for value in vars(deploy.local.settings).values():
        if isinstance(value, type) and issubclass(value, BaseSettings) and value is not BaseSettings:
            yield "local stack", value


def settings() -> str:
    """One row a setting: name, default, who reads it, what it does."""
    rows, known = [], set()
    for reader, model in _models():
        for name, field in model.model_fields.items():
            if name in known:
                continue
            known.add(name)
            default = "" if field.default is None else str(field.default)
            rows.append(f"| `{name.upper()}` | {f'`{default}`' if default else ''} | {reader} | {field.description} |")
    return "\n".join(["| variable | default | read by | meaning |", "| --- | --- | --- | --- |", *rows]) + "\n"


def metrics() -> str:
    """One row a metric: name, labels, meaning, what to do."""
    rows = [
        f"| `{PREFIX}{m.name}{'_total' if m.kind.__name__ == 'Counter' else ''}` | {', '.join(m.labels)} | {m.help} | "
        f"{m.when_it_moves} |"
        for m in CATALOGUE
    ]
    return "\n".join(["| metric | labels | meaning | when it moves |", "| --- | --- | --- | --- |", *rows]) + "\n"


def topics() -> str:
    """One row a topic: name, record, kept, partitions."""
    rows = []
    for topic in TOPICS.values():
        kept = "compacted" if topic.compacted else f"{topic.retention_ms // DAY_MS} days"
        partitions = topic.partitions or "`TOPIC_PARTITIONS`"
        rows.append(f"| `{topic.name}` | {topic.record} | {kept} | {partitions} | {topic.max_bytes // 1024} KiB |")
    head = ["| topic | record | kept | partitions | largest value |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) + "\n"


def reasons() -> str:
    """The closed lists of reasons."""
    dead = ", ".join(f"`{reason}`" for reason in DEAD_LETTER_REASONS)
    ignored = ", ".join(f"`{reason}`" for reason in IGNORED_REASONS)
    return f"Dead letters: {dead}.\n\nIgnored: {ignored}.\n"


PARTS: Final[dict[str, Callable[[], str]]] = {
    "settings": settings,
    "metrics": metrics,
    "topics": topics,
    "reasons": reasons,
}


def made(page: str) -> str:
    """A page with its made parts as the code has them now."""
    return _PART.sub(lambda match: match[1] + PARTS[match[2]]() + match[3], page)


def _run(args: argparse.Namespace) -> int:
    stale = []
    for path in sorted(FOLDER.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if (now := made(text)) != text:
            stale.append(path.relative_to(FOLDER))
            if not args.check:
                path.write_text(now, encoding="utf-8")
    for name in stale:
        print(f"docs/{name}: {'stale (run: python -m docs)' if args.check else 'written'}", file=sys.stderr)
    return EXIT_DATA if stale and args.check else EXIT_OK


def main() -> int:
    """Entry point."""
    parser = Parser(prog="python -m docs", description=__doc__, epilog="example: python -m docs --check")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a part is stale")
    parser.set_defaults(run=_run)
    return run(parser)


if __name__ == "__main__":
    raise SystemExit(main())
