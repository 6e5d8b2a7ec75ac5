"""python -m services.runtime: topics and dead letters."""

import argparse
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from services.domain.vocabulary import DEAD_LETTER_REASONS
from services.runtime import letters, logs, topics
from services.runtime.cli import EXIT_DATA, EXIT_OK, Parser, run
from services.runtime.codec import codec_of
from services.runtime.errors import PipelineError
from services.runtime.settings import ServiceSettings, load

_EXAMPLES = """examples:
  python -m services.runtime dead-letters list --reason malformed --since 2026-11-01
  python -m services.runtime dead-letters show 3f2a
  python -m services.runtime dead-letters replay --service cleaner --reason masking_failed --dry-run
  python -m services.runtime topics"""


def _moment(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("not an ISO 8601 date or time, e.g. 2026-11-01T08:00") from error
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _wanted(args: argparse.Namespace) -> letters.Filter:
    return letters.Filter(args.service, args.reason, args.topic, args.since, args.until, args.id)


def _list(args: argparse.Namespace) -> int:
    settings = load(ServiceSettings)
    table = Table("id", "failed at (UTC)", "service", "reason", "origin", "tries", "detail", box=None)
    found = list(letters.read(settings, codec_of(settings), _wanted(args)))
    for letter in found[-args.limit :]:
        table.add_row(
            letter["dead_letter_id"][:12],
            datetime.fromtimestamp(letter["failed_at"] / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            letter["service"],
            letter["reason"],
            f"{letter['topic']}[{letter['partition']}]@{letter['offset']}",
            str(letter["attempt"]),
            letter["detail"],
        )
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    console.print(f"{len(found)} dead letters" + (f", the last {args.limit} shown" if len(found) > args.limit else ""))
    return EXIT_OK


def _show(args: argparse.Namespace) -> int:
    settings = load(ServiceSettings)
    found = list(letters.read(settings, codec_of(settings), letters.Filter(letter_id=args.id)))
    if len({letter["dead_letter_id"] for letter in found}) != 1:
        raise PipelineError(f"{len(found)} letters have an id that begins so: see dead-letters list")
    letter = found[-1]
    letters.record_access(letter, "show")
    for name in ("dead_letter_id", "group", "service", "reason", "detail", "topic", "partition", "offset", "attempt"):
        print(f"{name:15} {letter[name]}")
    print(f"{'failed_at':15} {datetime.fromtimestamp(letter['failed_at'] / 1000, UTC).isoformat()}")
    print(f"{'key':15} {letter['key']!r}")
    for name, content in letter["headers"].items():
        print(f"header {name:8} {content!r}")
    value = letter["value"]
    if value is None:
        print("value           none")
    elif args.raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(value)
    else:
        print(f"value           {len(value)} bytes: {value[:2000]!r}")
    return EXIT_OK


def _replay(args: argparse.Namespace) -> int:
    settings = load(ServiceSettings)
    chosen = list(letters.read(settings, codec_of(settings), _wanted(args)))
    able = []
    for letter in chosen:
        why = letters.replayable(letter)
        if why is None:
            able.append(letter)
        else:
            print(f"{letter['dead_letter_id'][:12]}: not replayed, {why}", file=sys.stderr)
    if args.dry_run:
        print(f"{len(able)} of {len(chosen)} would be replayed")
        return EXIT_OK
    sent = letters.replay(settings, able) if able else 0
    print(f"{sent} of {len(chosen)} replayed")
    return EXIT_OK if sent == len(chosen) else EXIT_DATA


def _topics(_: argparse.Namespace) -> int:
    settings = load(ServiceSettings)
    made = topics.ensure(settings)
    print(f"{len(made)} topics created, {len(topics.TOPICS) - len(made)} were there")
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m services.runtime", description="Topics and dead letters of the pipeline.", epilog=_EXAMPLES
    )
    commands = parser.add_subparsers(title="commands")
    dead = commands.add_parser("dead-letters", help="list, show, replay", epilog=_EXAMPLES)
    actions = dead.add_subparsers(title="actions")
    chosen = Parser(add_help=False)
    chosen.add_argument("--service", help="service that failed, e.g. cleaner")
    chosen.add_argument("--reason", choices=DEAD_LETTER_REASONS, help="why it failed")
    chosen.add_argument("--topic", help="topic that it came from, e.g. bronze.realtime")
    chosen.add_argument("--since", type=_moment, help="failed at or after, ISO 8601, UTC")
    chosen.add_argument("--until", type=_moment, help="failed before, ISO 8601, UTC")
    chosen.add_argument("--id", help="beginning of a letter's id")
    listing = actions.add_parser("list", parents=[chosen], help="a table of letters")
    listing.add_argument("--limit", type=int, default=50, help="show the last so many (50)")
    listing.set_defaults(run=_list)
    show = actions.add_parser("show", help="one letter with its bytes; this is recorded")
    show.add_argument("id", help="beginning of its id")
    show.add_argument("--raw", action="store_true", help="write the bytes as they are")
    show.set_defaults(run=_show)
    again = actions.add_parser("replay", parents=[chosen], help="send letters back where they came from")
    again.add_argument("--dry-run", action="store_true", help="only say how many")
    again.set_defaults(run=_replay)
    commands.add_parser("topics", help="create the topics that are missing").set_defaults(run=_topics)
    return parser


if __name__ == "__main__":
    logs.configure("runtime")
    raise SystemExit(run(_parser()))
