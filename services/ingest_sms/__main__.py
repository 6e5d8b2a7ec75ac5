"""python -m services.ingest_sms: serves the HTTP application and the topics; with a command, does that instead."""

import argparse
import sys
from collections.abc import Sequence

from services.ingest_sms import parse_command
from services.runtime.cli import Parser, run

EPILOG = """\
example:
  python -m services.ingest_sms                          serve on INGEST_SMS_PORT (8081); docs at /docs
  python -m services.ingest_sms parse --gateway twilio   read requests as JSON lines, no broker needed
  python -m services.ingest_sms smpp                     receive from the message centre SMPP_HOST
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the service, or a command."""
    parser = Parser(prog="python -m services.ingest_sms", description=__doc__, epilog=EPILOG)
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    commands.add_parser("serve", help="serve (what happens without a command)").set_defaults(run=_serve)
    commands.add_parser("smpp", help="receive messages by SMPP (settings SMPP_*)").set_defaults(run=_smpp)
    parse_command.add_arguments(
        commands.add_parser(
            "parse",
            help="read requests of a gateway as JSON lines",
            epilog=parse_command.EXAMPLE,
            description=parse_command.__doc__,
        )
    )
    return run(parser, argv)


def _serve(_: argparse.Namespace) -> int:
    from services.ingest_sms import serve  # the parse command needs neither Kafka nor HTTP

    return serve.run()


def _smpp(_: argparse.Namespace) -> int:
    from services.ingest_sms.smpp import serve

    return serve.run()


if __name__ == "__main__":
    sys.exit(main())
