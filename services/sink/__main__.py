"""python -m services.sink: the service, and the warehouse's commands."""

import argparse
import sys

from services.runtime.cli import Parser, run
from services.runtime.settings import load
from services.sink import service
from services.sink.migrate import migrate
from services.sink.proof import command as proof
from services.sink.report import command as report
from services.sink.settings import SinkSettings


def _migrate(args: argparse.Namespace) -> int:
    settings = load(SinkSettings)
    applied = migrate(settings, dry_run=args.dry_run)
    verb = "would apply" if args.dry_run else "applied"
    for migration in applied:
        print(f"{verb} {migration.number:04}_{migration.name}")
        if args.dry_run and args.verbose:
            print(*migration.statements(settings.clickhouse_cluster), sep=";\n\n", end=";\n\n")
    print(f"{len(applied)} migrations {'to apply' if args.dry_run else 'applied'}")
    return 0


def parser() -> Parser:
    """The command line."""
    top = Parser(
        prog="python -m services.sink",
        description="Without a command: moves gold events into ClickHouse until it is stopped.",
        epilog="example:\n  python -m services.sink migrate --dry-run",
    )
    top.set_defaults(run=lambda _: service.main())
    commands = top.add_subparsers(dest="command", metavar="command")
    command = commands.add_parser(
        "migrate",
        help="apply the migrations that are missing",
        description="Apply the numbered migrations that the warehouse lacks, in order.",
        epilog="example:\n  python -m services.sink migrate --dry-run --verbose",
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be applied and change nothing")
    command.add_argument("--verbose", action="store_true", help="with --dry-run: print the SQL too")
    command.set_defaults(run=_migrate)
    command = commands.add_parser(
        "reconcile",
        help="prove that nothing was lost, or name what is missing",
        description="Compare the ledger, the warehouse and Kafka, layer by layer and hour by hour of the log. "
        "Exit code 1 when something is missing or doubled.",
        epilog="example:\n  python -m services.sink reconcile --wait 60",
    )
    proof.add_arguments(command)
    command.set_defaults(run=proof.reconcile)
    command = commands.add_parser(
        "report",
        help="write the report as one HTML file",
        description="Write charts of the whole warehouse into one HTML file that needs no network.",
        epilog="example:\n  python -m services.sink report --out report.html --days 90",
    )
    report.add_arguments(command)
    command.set_defaults(run=report.report)
    command = commands.add_parser(
        "serve-report",
        help="serve the report live",
        description="Serve the report on REPORT_HOST:REPORT_PORT, drawn anew as figures change; ?days=30 limits it.",
        epilog="example:\n  REPORT_PORT=8080 python -m services.sink serve-report",
    )
    command.set_defaults(run=report.serve_report)
    return top


if __name__ == "__main__":
    sys.exit(run(parser()))
