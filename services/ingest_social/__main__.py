"""python -m services.ingest_social: without a command the service itself; parse reads documents without a broker."""

import argparse
import sys
import time
from typing import Final

import orjson

from services.ingest_social.app import json_of
from services.ingest_social.networks import NETWORKS
from services.ingest_social.post import Refused
from services.runtime.cli import EXIT_OK, Parser, run

EXAMPLE: Final = """examples:
  python -m services.ingest_social                      # the service, on INGEST_SOCIAL_PORT
  python -m services.ingest_social parse --network meta < webhooks.jsonl

One API answer or webhook document a line; one answer a line: {"posts":[...]} or {"error":reason,"detail":...}."""


def _parse(args: argparse.Namespace) -> int:
    """Print one answer for each document."""
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        answer: dict[str, object]
        try:
            parsed = NETWORKS[args.network](json_of(line), int(time.time() * 1000))
            answer = {"posts": parsed.posts}
            if parsed.ignored:
                answer["ignored"] = parsed.ignored
            if parsed.refused:
                answer["refused"] = [{"reason": one.reason, "detail": str(one)} for one in parsed.refused]
        except Refused as refused:
            print(f"line {number}: {refused}", file=sys.stderr)
            answer = {"error": refused.reason, "status": refused.status, "detail": str(refused)}
        sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()
    return EXIT_OK


def _serve(_: argparse.Namespace) -> int:
    # imported here: parsing needs neither settings nor a broker
    from services.ingest_social import serve

    return serve.run()


def main() -> int:
    """Entry point."""
    parser = Parser(prog="python -m services.ingest_social", description="Social networks.", epilog=EXAMPLE)
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parse = commands.add_parser("parse", help="documents as JSON lines in, posts out", epilog=EXAMPLE)
    parse.add_argument("--network", required=True, choices=sorted(NETWORKS), help="whose documents they are")
    parse.set_defaults(run=_parse)
    return run(parser)


if __name__ == "__main__":
    sys.exit(main())
