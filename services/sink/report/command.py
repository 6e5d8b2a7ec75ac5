"""python -m services.sink report and serve-report."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from services.runtime.cli import EXIT_OK
from services.runtime.errors import PipelineError
from services.runtime.settings import load
from services.sink.panels import PANELS
from services.sink.report.page import BEGINNING, render
from services.sink.report.serve import serve
from services.sink.settings import SinkSettings
from services.sink.warehouse import connect


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Arguments of report."""
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write the HTML file")
    command.add_argument("--days", type=float, default=0, metavar="N", help="only the last N days; 0: everything")


def report(args: argparse.Namespace) -> int:
    """Write the report; PipelineError when the file cannot be written or the warehouse does not answer."""
    settings = load(SinkSettings)
    now = datetime.now(UTC)
    start = now - timedelta(days=args.days) if args.days else BEGINNING
    console = Console(stderr=True)
    with connect(settings) as client, Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("panels", total=len(PANELS))
        html = render(client, now=now, start=start, told=lambda _name: bar.advance(task))
    try:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(html, encoding="utf-8")
    except OSError as error:
        raise PipelineError(f"--out: cannot write {args.out} ({error.strerror})") from error
    print(f"wrote {args.out}, {len(html.encode()) // 1024} KB")
    return EXIT_OK


def serve_report(_: argparse.Namespace) -> int:
    """Serve the live report until stopped."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return serve(load(SinkSettings))
