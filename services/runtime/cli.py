"""Command lines: argparse whose errors are one line, and exit codes that scripts can rely on."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from services.runtime.errors import PipelineError

EXIT_OK = 0
EXIT_DATA = 1
EXIT_USAGE = 2


class Parser(argparse.ArgumentParser):
    """ArgumentParser that keeps the layout of help texts and answers bad usage with one line and exit code 2."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with 2."""
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(EXIT_USAGE)


def run(parser: argparse.ArgumentParser, argv: Sequence[str] | None = None) -> int:
    """Parse argv and call the chosen command, set by `set_defaults(run=function)`, with the namespace.

    A PipelineError becomes one line on stderr and exit code 1; Ctrl-C becomes 130; a closed pipe ends quietly.
    """
    args = parser.parse_args(argv)
    command: Callable[[argparse.Namespace], int | None] | None = getattr(args, "run", None)
    if command is None:
        parser.error("a command is needed")
    try:
        return command(args) or EXIT_OK
    except PipelineError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return EXIT_DATA
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_OK
