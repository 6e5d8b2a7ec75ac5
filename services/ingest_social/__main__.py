"""python -m services.ingest_social: serves the webhooks, the topic and the feeds; with a command, does that instead."""

import argparse
import sys
from collections.abc import Sequence

from services.ingest_social import parse_command
from services.runtime.cli import Parser, run

EPILOG = """\
example:
  python -m services.ingest_social                       serve on INGEST_SOCIAL_PORT (8082); docs at /docs
  python -m services.ingest_social parse --network meta  read documents as JSON lines, no broker needed
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the service, or a command."""
    parser = Parser(prog="python -m services.ingest_social", description=__doc__, epilog=EPILOG)
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    commands.add_parser("serve", help="serve (what happens without a command)").set_defaults(run=_serve)
    parse_command.add_arguments(
        commands.add_parser(
            "parse",
            help="read documents of a network",
            epilog=parse_command.EXAMPLE,
            description=parse_command.__doc__,
        )
    )
    return run(parser, argv)


def _serve(_: argparse.Namespace) -> int:
    from services.ingest_social import serve  # the parse command needs neither Kafka nor HTTP

    return serve.run()


if __name__ == "__main__":
    sys.exit(main())
