"""The classifier on the command line: classify JSON lines, train, evaluate and compare models."""

from collections.abc import Sequence

from services.classifier import cli_classify, cli_model
from services.runtime.cli import Parser, run


def parser() -> Parser:
    """The command line of `python -m services.classifier`."""
    top = Parser(prog="python -m services.classifier", description=__doc__)
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    cli_classify.add(commands)
    cli_model.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for data that could not be used, 2 for bad usage."""
    return run(parser(), argv)
