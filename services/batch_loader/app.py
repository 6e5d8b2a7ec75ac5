"""The command line: python -m services.batch_loader."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from itertools import chain

from pydantic import ValidationError
from rich.console import Console

from services.batch_loader import summary
from services.batch_loader.databases.tables import is_database
from services.batch_loader.files.compression import Unreadable
from services.batch_loader.files.locate import FileRef, find
from services.batch_loader.load_files import FileLoads
from services.batch_loader.load_queue_logs import QueueLogLoads
from services.batch_loader.load_tables import TableLoads
from services.batch_loader.mapping.headers import ROLES
from services.batch_loader.preview import previews, show, table_previews
from services.batch_loader.session import Session
from services.batch_loader.settings import BatchSettings
from services.batch_loader.sources import KINDS, Source
from services.runtime import cli, settings

EXAMPLE = """\
examples:
  python -m services.batch_loader load call_center_csv calls/*.csv --name lagos --dry-run
  python -m services.batch_loader load call_center_csv s3://exports/2026/ --name lagos --strict
"""


def parser() -> cli.Parser:
    """All commands with their arguments."""
    top = cli.Parser(
        prog="python -m services.batch_loader",
        description="Loads complaints from files and databases.",
        epilog=EXAMPLE,
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=cli.Parser)
    load = commands.add_parser("load", help="load files or a database table", epilog=EXAMPLE)
    load.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    load.add_argument("source", nargs="+", metavar="SOURCE", help="file, folder, glob, object-store URL, database URL")
    load.add_argument("--name", default="default", help="tells sources of one kind apart, e.g. lagos")
    load.add_argument("--channel", choices=("call_center", "web_form"), help="by default that of the kind")
    load.add_argument("--timezone", default="Africa/Lagos", help="zone of times that name none (%(default)s)")
    load.add_argument("--encoding", help="by default found out: utf-8, utf-16, cp1252 ...")
    load.add_argument("--date-order", choices=("dmy", "mdy"), help="how 04/05/24 is read; by default found out")
    load.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=HEADER",
        help=f"a column's meaning; names: {', '.join(ROLES)}",
    )
    table = load.add_argument_group("databases")
    table.add_argument("--table", default="", help="table, or a table a day as forms_%%Y_%%m_%%d")
    table.add_argument("--schema", help="the database's schema that holds it")
    table.add_argument("--key", action="append", default=[], help="columns that tell rows apart (the primary key)")
    table.add_argument("--watermark", help="column that grows with every change; without it all is read each time")
    table.add_argument("--overlap", type=float, default=3600, help="seconds before the last end to begin (%(default)s)")
    table.add_argument("--since", type=date.fromisoformat, help="of tables a day: the first, e.g. 2026-01-31")
    table.add_argument("--until", type=date.fromisoformat, help="of tables a day: the last")
    load.add_argument("--dry-run", action="store_true", help="parse only: show the first rows as understood")
    load.add_argument("--show-values", action="store_true", help="with --dry-run: personal data in full")
    load.add_argument("--strict", action="store_true", help="exit 1 when a row is dead")
    load.add_argument("--again", action="store_true", help="read files again that are loaded: only changes are sent")
    load.set_defaults(run=_load)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return cli.run(parser(), argv)


def _load(args: argparse.Namespace) -> int:
    source = _source(args)
    databases = [location for location in args.source if is_database(location) or location.startswith("@")]
    refs = [ref for location in args.source if location not in databases for ref in find(location)]
    console = Console(width=None if sys.stdout.isatty() else 200)
    if args.dry_run:
        return _dry_run(refs, databases, source, args, console)
    with Session(settings.load(BatchSettings), source, console) as session:
        if refs:
            loads = QueueLogLoads if source.kind == "asterisk_queue_log" else FileLoads
            loads(session, args.again).run(refs)
        for location in databases:
            TableLoads(session, args.again).run(location, args.since, args.until)
        result = session.summary
    summary.show(result, console)
    return cli.EXIT_DATA if result.refused or (args.strict and result.total.dead) else cli.EXIT_OK


def _dry_run(
    refs: list[FileRef], databases: list[str], source: Source, args: argparse.Namespace, console: Console
) -> int:
    now = time.time_ns() // 1_000_000
    refused = dead = 0
    found = chain(
        ((ref.name, previews(ref, source, now)) for ref in refs),
        ((source.table, table_previews(location, source, now)) for location in databases),
    )
    for name, parts in found:
        try:
            for preview in parts:
                show(preview, console, sys.stderr, args.show_values)
                dead += sum(preview.dead.values())
        except Unreadable as error:
            refused += 1
            print(f"{name}: {error}", file=sys.stderr)
    return cli.EXIT_DATA if refused or (args.strict and dead) else cli.EXIT_OK


def _source(args: argparse.Namespace) -> Source:
    columns: dict[str, str | list[str]] = {}
    for pair in args.column:
        name, equals, header = pair.partition("=")
        if not equals:
            raise SystemExit(_usage(f"--column {name}: write NAME=HEADER"))
        columns[name] = header
    try:
        return Source(
            kind=args.kind,
            name=args.name,
            channel=args.channel,
            timezone=args.timezone,
            encoding=args.encoding,
            date_order=args.date_order,
            columns=columns,
            table=args.table,
            table_schema=args.schema,
            key=args.key,
            watermark=args.watermark,
            overlap=args.overlap,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        raise SystemExit(_usage(f"--{first['loc'][0]}: {first['msg']}")) from error


def _usage(message: str) -> int:
    print(f"python -m services.batch_loader: {message}", file=sys.stderr)
    return cli.EXIT_USAGE
