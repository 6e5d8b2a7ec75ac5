"""python -m schemas: check the contracts, publish a new version of those that changed."""

import argparse
import json
import shutil
import sys

import schemas
from schemas.compatibility import check, faults
from services.runtime.cli import EXIT_DATA, EXIT_OK, Parser, run


def _check(_: argparse.Namespace) -> int:
    found = [fault for record in schemas.names() for fault in check(record)]
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print(f"{len(schemas.names())} records, {len(schemas.ids())} versions: BACKWARD_TRANSITIVE")
    return EXIT_DATA if found else EXIT_OK


def _publish(_: argparse.Namespace) -> int:
    ids = schemas.ids() if (schemas.FOLDER / "ids.json").exists() else {}
    for record in schemas.names():
        published = sorted(number for name, number in ids.values() if name == record)
        now = schemas.current(record)
        older = [schemas.version(record, number) for number in published]
        if older and schemas.bare(older[-1]) == schemas.bare(now):
            continue
        found = faults(now, older)
        if found:
            print(f"{record}: refused: {'; '.join(found)}", file=sys.stderr)
            return EXIT_DATA
        number = len(published) + 1
        target = schemas.FOLDER / "versions" / record / f"{number}.avsc"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(schemas.FOLDER / f"{record}.avsc", target)
        ids[max(ids, default=0) + 1] = (record, number)
        print(f"{record}: published as version {number}, id {max(ids)}")
    document = {str(key): {"record": record, "version": number} for key, (record, number) in ids.items()}
    (schemas.FOLDER / "ids.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return EXIT_OK


def main() -> int:
    """Entry point."""
    parser = Parser(
        prog="python -m schemas",
        description="The Avro contracts.",
        epilog="example: python -m schemas check",
    )
    commands = parser.add_subparsers(title="commands")
    commands.add_parser("check", help="fail unless every record is published and compatible").set_defaults(run=_check)
    commands.add_parser("publish", help="give every changed record its next version and id").set_defaults(run=_publish)
    return run(parser)


if __name__ == "__main__":
    raise SystemExit(main())
