"""The cleaner's command line: mask, evaluate, train."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import orjson

from services.cleaner.masking import Masker
from services.cleaner.masking.evaluation import Marked, parse_markup, table
from services.cleaner.masking.evaluation import evaluate as measure
from services.runtime.cli import EXIT_DATA, EXIT_OK, Parser
from services.runtime.errors import PipelineError

MODELS = Path(__file__).parent / "models"


def parser() -> argparse.ArgumentParser:
    """The parser of `python -m services.cleaner`."""
    root = Parser(
        prog="python -m services.cleaner",
        description="Masks personal data in complaints. Needs no broker.",
        epilog="""example:
  echo '{"id": "1", "text": "my PUK is 12345678"}' | python -m services.cleaner mask""",
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND")
    mask = commands.add_parser(
        "mask",
        help="JSON lines of texts in, masked texts with their spans out",
        description='Reads {"id","text"} a line, writes {"id","text","spans","language"} a line.',
        epilog="""example:
  python -m services.cleaner mask < complaints.jsonl > masked.jsonl""",
    )
    mask.add_argument("file", nargs="?", default="-", help="a file of JSON lines; - is standard input (default)")
    mask.set_defaults(run=run_mask)
    evaluate = commands.add_parser(
        "evaluate",
        help="leak, precision and recall on marked texts",
        description='Reads {"id","markup"} a line, where personal data is marked as {{TYPE:text}}; prints a table.',
        epilog="""example:
  python -m services.cleaner evaluate bench/data/masking_complaints.jsonl --part dev""",
    )
    evaluate.add_argument("file", help="a file of JSON lines; - is standard input")
    evaluate.add_argument("--part", help='only the lines whose "part" is this')
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON instead of a table")
    evaluate.set_defaults(run=run_evaluate)
    train = commands.add_parser(
        "train",
        help="train the shipped models again from the data of the repository",
        description="Trains the tagger of names and addresses and the language identifier. Takes a few minutes.",
        epilog="""example:
  python -m services.cleaner train --out /tmp/models""",
    )
    train.add_argument("--out", type=Path, default=MODELS, help="folder for the models (default: where they ship)")
    train.add_argument("--sentences", type=int, help="how many sentences to make (default: as shipped)")
    train.set_defaults(run=run_train)
    return root


def lines_of(name: str) -> Iterator[tuple[int, bytes]]:
    """Line number (from 1) and line of a file, "-" being standard input; blank lines are left out.

    Raises PipelineError where the file cannot be read.
    """
    if name == "-":
        yield from ((number, line) for number, line in enumerate(sys.stdin.buffer, 1) if line.strip())
        return
    try:
        with Path(name).open("rb") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except OSError as error:
        raise PipelineError(f"cannot read the input file: {error.strerror}; give a readable file or -") from error


def record_of(line: bytes, text_field: str) -> dict[str, Any]:
    """The JSON object of a line. Raises ValueError, without the line's content, where it is none with a text."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise ValueError("no valid JSON") from None
    if not isinstance(record, dict):
        raise ValueError("no JSON object")
    if not isinstance(record.get(text_field), str):
        raise ValueError(f'field "{text_field}" is missing or no text')
    return record


def complain(number: int, fault: str, errors: TextIO | None = None) -> None:
    """One line on standard error about one line of the input."""
    print(f"line {number}: {fault}", file=errors or sys.stderr)


def run_evaluate(args: argparse.Namespace) -> int:
    """The command evaluate. Exit code 1 when some line could not be read."""
    code = EXIT_OK
    marked: list[Marked] = []
    for number, line in lines_of(args.file):
        try:
            record = record_of(line, "markup")
        except ValueError as error:
            complain(number, str(error))
            code = EXIT_DATA
            continue
        if args.part is None or record.get("part") == args.part:
            marked.append(parse_markup(record["markup"]))
    if not marked:
        raise PipelineError("no marked text in the input: nothing to evaluate")
    masker = Masker.load()
    columns = [
        (name, measure(marked, lambda text: masker.mask(text).spans, lower=lower))
        for name, lower in (("as written", False), ("lower case", True))
    ]
    if args.json:
        print(orjson.dumps({name: scores.figures() for name, scores in columns}, option=orjson.OPT_INDENT_2).decode())
    else:
        print(f"{len(marked)} texts\n\n{table(columns)}")
    return code


def run_train(args: argparse.Namespace) -> int:
    """The command train."""
    from services.cleaner.masking.training.train import SENTENCES, train

    train(args.out, print, args.sentences or SENTENCES)
    return EXIT_OK


def run_mask(args: argparse.Namespace) -> int:
    """The command mask. Exit code 1 when some line could not be masked."""
    masker = Masker.load()
    out = sys.stdout.buffer
    code = EXIT_OK
    for number, line in lines_of(args.file):
        try:
            record = record_of(line, "text")
            masked = masker.mask(record["text"])
            answer = {
                "id": record.get("id"),
                "text": masked.text,
                "spans": [{"start": s.start, "end": s.end, "type": s.type} for s in masked.spans],
                "language": masked.language,
            }
            out.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        except Exception as error:  # fail closed: nothing of the line is written
            complain(number, str(error) if type(error) is ValueError else f"masking failed ({type(error).__name__})")
            code = EXIT_DATA
    out.flush()
    return code
