"""python -m demo"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from demo.run import Options, run
from deploy.local.services import BY_NAME
from services.runtime import cli

EXAMPLES = """\
examples:
  python -m demo
  python -m demo --break sink      # see how a loss is told: exits 1 and says what is missing
"""


def parser() -> cli.Parser:
    """The command line."""
    top = cli.Parser(
        prog="python -m demo",
        description="Sends sample complaints of all four channels through the real services and checks what comes out.",
        epilog=EXAMPLES,
    )
    top.add_argument("--break", dest="broken", choices=tuple(BY_NAME), default="", help="stop this service on purpose")
    top.add_argument("--report", type=Path, default=Options.report, help="where to write the report")
    top.add_argument("--folder", type=Path, default=Options.folder, help="where the demo's own stack keeps its data")
    top.add_argument("--no-history", action="store_true", help="leave out the export of real complaints")
    top.set_defaults(run=_run)
    return top


def _run(args: argparse.Namespace) -> int:
    history = None if args.no_history else Options.history
    options = Options(args.folder, args.report, history, args.broken)
    result = run(options, Console(width=None if sys.stdout.isatty() else 120, soft_wrap=not sys.stdout.isatty()))
    return cli.EXIT_DATA if result.problems else cli.EXIT_OK


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    return cli.run(parser(), argv)


if __name__ == "__main__":
    sys.exit(main())
