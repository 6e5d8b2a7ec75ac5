"""python -m services.classifier.alerts: tell a webhook of incidents and P1 complaints, until stopped."""

import argparse
import sys

from services.runtime.cli import Parser, run


def _serve(_: argparse.Namespace) -> int:
    # imported here: --help needs neither settings nor a broker
    from services.classifier.alerts import service

    return service.main()


def parser() -> Parser:
    """The command line."""
    top = Parser(
        prog="python -m services.classifier.alerts",
        description="Tell a webhook of incidents and P1 complaints until stopped. Set ALERT_URL; docs/outages.md.",
        epilog="example:\n  ALERT_URL=http://127.0.0.1:9093/api/v2/alerts ALERT_FORM=alertmanager "
        "python -m services.classifier.alerts",
    )
    top.set_defaults(run=_serve)
    return top


if __name__ == "__main__":
    sys.exit(run(parser()))
