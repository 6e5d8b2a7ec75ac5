"""`train`: makes a model of the shipped data, of an operator's labelled export, or of both."""

import argparse
import sys
from pathlib import Path
from typing import Any

from services.classifier.model.dataset import Fault, read, shipped

_SHIPPED_MODEL = Path(__file__).parent / "models" / "complaints.npz"


def add(commands: Any) -> None:
    """Register the commands."""
    command = commands.add_parser(
        "train",
        help="train a model",
        description="Trains on the shipped data and, where given, a labelled file (TSV, CSV or JSON lines with "
        "text and category; is_complaint, urgency, impact, language where known).",
        epilog="example:\n  python -m services.classifier train export.csv --output ours.npz\n",
    )
    command.add_argument("file", nargs="?", type=Path, help="labelled export to add to the shipped data")
    command.add_argument("--only", action="store_true", help="train on FILE alone")
    command.add_argument("--output", type=Path, default=_SHIPPED_MODEL, help="where to write the model")
    command.set_defaults(run=_train)


def _train(args: argparse.Namespace) -> int:
    from services.classifier.model.training import artifact, fit  # scipy: wanted here, absent in production

    faults: list[Fault] = []
    examples = [] if args.only and args.file else shipped("hand")
    if args.file is not None:
        own, faults = read(args.file)
        examples += own
        for fault in faults:
            print(f"{args.file}: line {fault.line}: {fault.reason}", file=sys.stderr)
    composed = [] if args.only and args.file else shipped("composed")
    model = artifact(fit(examples, composed), [*examples, *composed])
    model.save(args.output)
    print(f"{len(model.inner)} features, model {model.version}")
    return 1 if faults else 0
