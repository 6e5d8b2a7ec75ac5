"""The command line: python -m services.batch_loader."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console

from services.batch_loader import summary
from services.batch_loader.databases.tables import is_database
from services.batch_loader.events import SERVICE
from services.batch_loader.files.compression import Unreadable
from services.batch_loader.files.dated import for_days
from services.batch_loader.files.locate import FileRef, SourceMissing, find
from services.batch_loader.load_files import FileLoads
from services.batch_loader.load_queue_logs import QueueLogLoads
from services.batch_loader.load_tables import TableLoads
from services.batch_loader.manifest.store import Manifest
from services.batch_loader.mapping.headers import ROLES
from services.batch_loader.preview import previews, show, table_previews
from services.batch_loader.run_plan import PlanRun
from services.batch_loader.schedule import Due, next_due
from services.batch_loader.session import Session
from services.batch_loader.settings import BatchSettings
from services.batch_loader.sources import KINDS, Source, SourceError, plan_of, read_yaml, source_of
from services.runtime import cli, logs, settings
from services.runtime.errors import PipelineError

EXAMPLE = """\
examples:
  python -m services.batch_loader load call_center_csv calls/*.csv --name lagos --dry-run
  python -m services.batch_loader load call_center_csv s3://exports/2026/ --name lagos --strict
"""
RUN_EXAMPLE = """\
example:
  python -m services.batch_loader run --plan sources.yaml
"""
LOOP_SECONDS = 60.0


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
    load.add_argument("--map", type=Path, help="YAML that describes the source: columns, statuses, pattern ...")
    load.add_argument("--name", help="tells sources of one kind apart, e.g. lagos")
    load.add_argument("--channel", choices=("call_center", "web_form"), help="by default that of the kind")
    load.add_argument("--timezone", help="zone of times that name none (Africa/Lagos)")
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
    table.add_argument("--table", help="table, or a table a day as forms_%%Y_%%m_%%d")
    table.add_argument("--schema", help="the database's schema that holds it")
    table.add_argument("--key", action="append", default=[], help="columns that tell rows apart (the primary key)")
    table.add_argument("--watermark", help="column that grows with every change; without it all is read each time")
    table.add_argument("--overlap", type=float, help="seconds before the last end to begin (3600)")
    table.add_argument("--since", type=date.fromisoformat, help="of names with a date: the first day, e.g. 2026-01-31")
    table.add_argument("--until", type=date.fromisoformat, help="of names with a date: the last day")
    load.add_argument("--dry-run", action="store_true", help="parse only: show the first rows as understood")
    load.add_argument("--show-values", action="store_true", help="with --dry-run: personal data in full")
    load.add_argument("--strict", action="store_true", help="exit 1 when a row is dead")
    load.add_argument("--again", action="store_true", help="read files again that are loaded: only changes are sent")
    load.add_argument("--watch", type=float, metavar="SECONDS", help="look again every so many seconds, until stopped")
    load.set_defaults(run=_load)
    run = commands.add_parser("run", help="load the sources of a plan that are due, then its steps", epilog=RUN_EXAMPLE)
    run.add_argument("only", nargs="*", metavar="NAME", help="sources to look at; by default all")
    run.add_argument("--plan", type=Path, help="YAML with sources and steps (BATCH_SOURCES_FILE)")
    run.add_argument("--all", action="store_true", help="whether due or not")
    run.add_argument("--loop", action="store_true", help="wait for the next due time, until stopped")
    run.set_defaults(run=_run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    return cli.run(parser(), argv)


def _load(args: argparse.Namespace) -> int:
    source = _source(args)
    until = args.until or datetime.now(source.zone).date()
    locations = [place for location in args.source for place in for_days(location, args.since or until, until)]
    databases = [location for location in locations if is_database(location) or location.startswith("@")]
    console = Console(width=None if sys.stdout.isatty() else 200)
    if args.dry_run:
        refs = [ref for location in locations if location not in databases for ref in find(location)]
        return _dry_run(refs, databases, source, args, console)
    with_settings = settings.load(BatchSettings)
    while True:
        try:
            result = load_source(with_settings, source, locations, console, args.again, args.since, args.until)
            summary.show(result, console)
        except PipelineError as error:
            if not args.watch:
                raise
            print(error, file=sys.stderr)
        if not args.watch:
            return cli.EXIT_DATA if result.refused or (args.strict and result.total.dead) else cli.EXIT_OK
        time.sleep(args.watch)


def load_source(
    with_settings: BatchSettings,
    source: Source,
    locations: Sequence[str],
    console: Console,
    again: bool = False,
    since: date | None = None,
    until: date | None = None,
) -> summary.Summary:
    """Load a source at some locations. Those that lead to nothing are refused; SourceMissing where all do."""
    databases = [location for location in locations if is_database(location) or location.startswith("@")]
    refs: list[FileRef] = []
    missing: list[SourceMissing] = []
    for location in locations:
        try:
            refs += list(find(location)) if location not in databases else []
        except SourceMissing as error:
            missing.append(error)
    if missing and not refs and not databases:
        raise missing[0]
    logs.configure(SERVICE, with_settings.log_level)
    with Session(with_settings, source, console) as session:
        for fault in missing:
            print(fault, file=sys.stderr)
            session.summary.files.append(summary.FileResult("missing", note=str(fault), refused=True))
        if refs:
            loads = QueueLogLoads if source.kind == "asterisk_queue_log" else FileLoads
            loads(session, again).run(refs)
        for location in databases:
            TableLoads(session, again).run(location, since, until)
        return session.summary


def _run(args: argparse.Namespace) -> int:
    with_settings = settings.load(BatchSettings)
    plan = plan_of(args.plan or with_settings.batch_sources_file)
    console = Console(width=None if sys.stdout.isatty() else 200)
    manifest = Manifest(with_settings.batch_manifest_url)

    def load(found: Due) -> bool:
        first, last = found.days[0], found.days[-1]
        locations = [place for given in found.source.locations for place in for_days(given, first, last)]
        result = load_source(with_settings, found.source, locations, console)
        summary.show(result, console)
        return not result.refused

    while True:
        outcome = PlanRun(plan, manifest, load).run(datetime.now(UTC), args.all, args.only)
        told = {"done": outcome.done, "failed": outcome.failed, "held": outcome.held}
        line = "; ".join(f"{word}: {', '.join(names)}" for word, names in told.items() if names)
        console.print(line or "nothing is due", markup=False, highlight=False)
        if not args.loop:
            return cli.EXIT_DATA if outcome.failed else cli.EXIT_OK
        coming = next_due(plan.sources, datetime.now(UTC))
        wait = (coming - datetime.now(UTC)).total_seconds() if coming else LOOP_SECONDS
        time.sleep(min(max(wait, 1.0), LOOP_SECONDS))


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
    """The source that a map and arguments describe; an argument that is given wins."""
    values: dict[str, Any] = dict(read_yaml(args.map)) if args.map else {}
    given = {
        "name": args.name,
        "channel": args.channel,
        "timezone": args.timezone,
        "encoding": args.encoding,
        "date_order": args.date_order,
        "table": args.table,
        "table_schema": args.schema,
        "key": args.key,
        "watermark": args.watermark,
        "overlap": args.overlap,
    }
    values |= {name: value for name, value in given.items() if value not in (None, [])}
    columns = dict(values.get("columns") or {})
    for pair in args.column:
        name, equals, header = pair.partition("=")
        if not equals:
            raise SystemExit(_usage(f"--column {name}: write NAME=HEADER"))
        columns[name] = header
    try:
        return source_of(values | {"kind": args.kind, "columns": columns}, str(args.map or args.kind))
    except SourceError as error:
        raise SystemExit(_usage(str(error))) from error


def _usage(message: str) -> int:
    print(f"python -m services.batch_loader: {message}", file=sys.stderr)
    return cli.EXIT_USAGE
