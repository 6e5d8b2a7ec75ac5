"""python -m services.ingest_sms: the parse command."""

import sys
from collections.abc import Sequence

from services.ingest_sms import parse_command
from services.runtime.cli import Parser, run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = Parser(prog="python -m services.ingest_sms", description=__doc__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parse_command.add_arguments(
        commands.add_parser(
            "parse",
            help="read requests of a gateway as JSON lines",
            epilog=parse_command.EXAMPLE,
            description=parse_command.__doc__,
        )
    )
    return run(parser, argv)


if __name__ == "__main__":
    sys.exit(main())
