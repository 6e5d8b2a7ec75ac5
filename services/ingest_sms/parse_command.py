"""python -m services.ingest_sms parse: reads HTTP requests as JSON lines, without a broker."""

import argparse
import sys
import time
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from services.ingest_sms import mapping
from services.ingest_sms.fields import json_of
from services.ingest_sms.gateway import Gateway
from services.ingest_sms.gateways import GATEWAYS
from services.ingest_sms.request import Refused, Request
from services.ingest_sms.signatures import Credentials
from services.runtime.cli import EXIT_OK
from services.runtime.settings import read_secret

EXAMPLE = """\
example:
  echo '{"method":"POST","url":"/v1/sms/africastalking",
         "headers":{"Content-Type":"application/x-www-form-urlencoded"},
         "body":"id=1&from=%2B2348031234567&to=2020&text=no+network&date=2026-03-02+06:04:45"}' | tr -d '\\n' \\
    | python -m services.ingest_sms parse --gateway africastalking

One request a line: {"method","url","headers","body"}; one answer a line: {"messages":[...]}, {"ignored":reason} or
{"error":reason,"status":HTTP status,"detail":...}. A body that is not text goes into "body_base64".
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="JSON lines; standard input without any")
    parser.add_argument("--gateway", required=True, choices=sorted(GATEWAYS), metavar="NAME", help=", ".join(GATEWAYS))
    parser.add_argument("--secret", help="check the signature with this secret (token, key or user:password)")
    parser.add_argument("--secret-file", type=Path, help="the same, from a file")
    parser.add_argument("--signature-method", default="", help="pin the algorithm, e.g. sha256 (vonage, infobip)")
    parser.add_argument("--public-url", default="", help="how the vendor reaches us, where url is a path (twilio)")
    parser.add_argument("--max-age", type=float, default=0.0, help="refuse signed requests older than this, seconds")
    parser.add_argument("--mapping", type=Path, help="YAML file that maps a gateway's own fields (generic)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one answer for each request."""
    gateway = mapping.gateway_of(mapping.load(args.mapping)) if args.mapping else GATEWAYS[args.gateway]
    secret = read_secret(args.secret_file, "--secret-file") if args.secret_file else args.secret
    credentials = (
        Credentials(secret, args.signature_method, args.public_url, round(args.max_age * 1000)) if secret else None
    )
    out = sys.stdout.buffer
    for where, line in _lines(args.files):
        if not line.strip():
            continue
        try:
            request = request_of(line)
        except Refused as refused:
            print(f"{where}: {refused}", file=sys.stderr)
            answer: dict[str, Any] = {"error": refused.reason, "status": refused.status, "detail": str(refused)}
        else:
            answer = answer_to(gateway, request, credentials, round(time.time() * 1000))
        out.write(orjson.dumps(answer) + b"\n")
    out.flush()
    return EXIT_OK


def _lines(files: list[Path]) -> Iterable[tuple[str, bytes]]:
    if not files:
        yield from ((f"line {number}", line) for number, line in enumerate(sys.stdin.buffer, 1))
    for file in files:
        with file.open("rb") as lines:
            yield from ((f"{file}: line {number}", line) for number, line in enumerate(lines, 1))


def request_of(line: bytes) -> Request:
    """The request that a line describes. Raises Refused (malformed) when it describes none."""
    found = json_of(line)
    if not isinstance(found, dict):
        raise Refused("malformed", "a request is not a JSON object")
    headers = found.get("headers") or {}
    if not isinstance(headers, dict):
        raise Refused("malformed", "headers is not an object")
    body = _body(found)
    method = found.get("method") or ("POST" if body else "GET")
    url = found.get("url") or "/"
    if not isinstance(method, str) or not isinstance(url, str):
        raise Refused("malformed", "method or url is not text")
    return Request.of(method, url, {str(name): str(value) for name, value in headers.items()}, body)


def _body(found: dict[str, Any]) -> bytes:
    if found.get("body_base64") is not None:
        try:
            return b64decode(found["body_base64"], validate=True)
        except (ValueError, TypeError) as error:
            raise Refused("malformed", "body_base64 is not base64") from error
    body = found.get("body")
    if body is None:
        return b""
    if isinstance(body, dict | list):
        return orjson.dumps(body)
    if not isinstance(body, str):
        raise Refused("malformed", "body is not text")
    try:
        return body.encode("utf-8", "surrogateescape")  # how Python writes bytes that are not UTF-8
    except UnicodeEncodeError:
        return body.encode("utf-8", "surrogatepass")


def answer_to(gateway: Gateway, request: Request, credentials: Credentials | None, now: int) -> dict[str, Any]:
    """What the command prints for one request.

    >>> answer_to(GATEWAYS["mtn"], Request("POST", "/", {}, b'{"deliveryStatus":"DELIVRD"}'), None, 0)
    {'ignored': 'delivery_receipt'}
    """
    try:
        if credentials is not None:
            gateway.verify(request, credentials, now)
        parsed = gateway.parse(request, now)
    except Refused as refused:
        return {"error": refused.reason, "status": refused.status, "detail": str(refused)}
    if not parsed.messages and not parsed.rejected:
        return {"ignored": max(parsed.ignored, key=parsed.ignored.__getitem__, default="empty")}
    answer: dict[str, Any] = {"messages": parsed.messages}
    if parsed.ignored:
        answer["ignored"] = parsed.ignored
    if parsed.rejected:
        answer["rejected"] = [{"index": r.index, "error": r.reason, "detail": r.detail} for r in parsed.rejected]
    return answer
