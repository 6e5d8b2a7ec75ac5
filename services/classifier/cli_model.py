"""`train`, `evaluate`, `compare` and `compose`: making models, and finding out how good they are."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.classifier.model import Classification, Classifier, Input
from services.classifier.model.comparison import compare, comparison_report
from services.classifier.model.dataset import DataError, Example, read, shipped, write
from services.classifier.model.evaluation import evaluate, report

_FOLDER = Path(__file__).parent
_SHIPPED_MODEL = _FOLDER / "models" / "complaints.npz"
_COMPOSED = _FOLDER / "data" / "composed.tsv"
_COLUMNS = (
    "The file has text and category (or label); is_complaint, urgency, impact and language where known. "
    "TSV, CSV (.csv) or JSON lines (.jsonl)."
)


def add(commands: Any) -> None:
    """Register the commands."""
    command = commands.add_parser(
        "train",
        help="train a model",
        description="Trains on the shipped data and, where given, on a labelled export. " + _COLUMNS,
        epilog="example:\n  python -m services.classifier train export.csv --output ours.npz\n",
    )
    command.add_argument("file", nargs="?", type=Path, help="labelled export to learn from as well")
    command.add_argument("--only", action="store_true", help="learn from FILE alone")
    command.add_argument(
        "--folds", type=int, default=4, help="parts of the cross-validation that calibrates (0: none; default 4)"
    )
    command.add_argument(
        "--output", type=Path, default=_SHIPPED_MODEL, help="model file to write (default: the shipped one)"
    )
    command.set_defaults(run=_train)

    command = commands.add_parser(
        "evaluate",
        help="figures of a model on labelled texts",
        description="Classifies a labelled file and prints macro-F1, per class and language. " + _COLUMNS,
        epilog="example:\n  python -m services.classifier evaluate export.csv --model ours.npz\n",
    )
    command.add_argument("file", type=Path, help="labelled texts; `test` for the shipped test set")
    command.add_argument("--model", type=Path, help="model file (default: the shipped one)")
    command.set_defaults(run=_evaluate)

    command = commands.add_parser(
        "compare",
        help="two models on the same labelled texts",
        description="Figures of two models side by side, and whether the difference may be chance. " + _COLUMNS,
        epilog="example:\n  python -m services.classifier compare export.csv --model today.npz --model ours.npz\n",
    )
    command.add_argument("file", type=Path, help="labelled texts; `test` for the shipped test set")
    command.add_argument("--model", type=Path, action="append", required=True, help="model file; give it twice")
    command.set_defaults(run=_compare)

    command = commands.add_parser(
        "compose",
        help="write the composed training texts again",
        description="Expands the grammars of data/grammar into labelled texts.",
        epilog="example:\n  python -m services.classifier compose\n",
    )
    command.add_argument("--output", type=Path, default=_COMPOSED, help="file to write (default: the shipped one)")
    command.set_defaults(run=_compose)


def _train(args: argparse.Namespace) -> int:
    from services.classifier.model.retraining import retrain  # scipy: needed to train, not to serve

    if args.only and args.file is None:
        print("train: --only needs a FILE", file=sys.stderr)
        return 2
    if args.folds not in (0, *range(2, 21)):
        print("train: --folds is 0 or 2 to 20", file=sys.stderr)
        return 2
    own, faults = _labelled(args.file) if args.file is not None else ([], 0)
    hand = own if args.only else [*shipped("hand"), *own]
    composed = [] if args.only else shipped("composed")
    model = retrain(hand, composed, folds=args.folds, tell=print)
    model.save(args.output)
    print(f"{args.output}: {len(hand) + len(composed)} texts, {len(model.inner)} features, {model.version}")
    return 1 if faults else 0


def _evaluate(args: argparse.Namespace) -> int:
    examples, faults = _labelled(args.file)
    print(report(evaluate(examples, _classified(args.model, examples))))
    return 1 if faults else 0


def _compare(args: argparse.Namespace) -> int:
    if len(args.model) != 2:
        print("compare: give --model twice", file=sys.stderr)
        return 2
    examples, faults = _labelled(args.file)
    first, second = (_classified(path, examples) for path in args.model)
    print(comparison_report([path.name for path in args.model], compare(examples, first, second)))
    return 1 if faults else 0


def _compose(args: argparse.Namespace) -> int:
    from services.classifier.model.compose import compose

    examples = compose()
    notes = (
        "Composed from the grammars in data/grammar by `python -m services.classifier compose`; do not edit.",
        "Columns as in hand.tsv. Licence: as the project.",
    )
    write(args.output, examples, notes)
    print(f"{args.output}: {len(examples)} texts")
    return 0


def _labelled(path: Path) -> tuple[list[Example], int]:
    if str(path) == "test":
        return shipped("test"), 0
    examples, faults = read(path)
    for fault in faults:
        print(f"{path}: line {fault.line}: {fault.reason}", file=sys.stderr)
    if not examples:
        raise DataError(f"{path}: no labelled text in it: it needs the columns text and category")
    return examples, len(faults)


def _classified(model: Path | None, examples: Sequence[Example]) -> list[Classification]:
    return Classifier.load(model).classify([Input(example.text) for example in examples])
