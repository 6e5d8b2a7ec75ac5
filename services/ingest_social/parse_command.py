"""python -m services.ingest_social parse: reads documents of a network, without a broker."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from pydantic import ValidationError

from services.ingest_social.documents import document_of, documents
from services.ingest_social.networks import NETWORKS, web
from services.ingest_social.post import Parsed, Refused
from services.runtime.cli import EXIT_OK
from services.runtime.errors import SettingsError

EXAMPLE: Final = """\
example:
  echo '{"data":{"id":"1","text":"@beejan no network","author_id":"2"}}' \\
    | python -m services.ingest_social parse --network x

One API answer or webhook document a line; feeds, pages and server-sent events may span lines. One answer a document:
{"posts":[...]}, with "ignored" and "refused" where there are such, or {"error":reason,"status":...,"detail":...}.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="documents; standard input without any")
    parser.add_argument("--network", required=True, choices=sorted(NETWORKS), metavar="NAME", help=", ".join(NETWORKS))
    parser.add_argument("--selectors", type=Path, metavar="FILE", help="YAML of CSS selectors (web)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one answer for each document."""
    parse = _with_selectors(args.selectors) if args.selectors else NETWORKS[args.network]
    for where, lines in _sources(args.files):
        for number, raw in documents(args.network, lines):
            try:
                answer = _answer(parse(document_of(args.network, raw), time.time_ns() // 1_000_000))
            except Refused as refused:
                print(f"{where}line {number}: {refused}", file=sys.stderr)
                answer = {"error": refused.reason, "status": refused.status, "detail": str(refused)}
            sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()
    return EXIT_OK


def _answer(parsed: Parsed) -> dict[str, Any]:
    if parsed.refused and not parsed.posts and not parsed.ignored:
        raise parsed.refused[0]
    answer: dict[str, Any] = {"posts": parsed.posts}
    if parsed.ignored:
        answer["ignored"] = parsed.ignored
    if parsed.refused:
        answer["refused"] = [{"reason": one.reason, "detail": str(one)} for one in parsed.refused]
    return answer


def _sources(files: list[Path]) -> Iterable[tuple[str, Iterable[bytes]]]:
    if not files:
        yield "", sys.stdin.buffer
    for file in files:
        with file.open("rb") as lines:
            yield f"{file}: ", lines


def _with_selectors(path: Path) -> Callable[[Any, int], Parsed]:
    try:
        selectors = web.Selectors.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"--selectors {path}: cannot be read, or holds an unknown name") from error
    return lambda document, now: web.parse(document, now, selectors)
