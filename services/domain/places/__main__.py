"""python -m services.domain.places: places of texts, from JSON lines to JSON lines, or measured on a file."""

import argparse
import json
import sys
import time
from pathlib import Path

from services.domain.places.evaluation import read, score
from services.domain.places.gazetteer import Gazetteer


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m services.domain.places",
        description="Find the places that texts name. Reads JSON lines with id, text and, where known, state and lga.",
        epilog="""example: echo '{"id": 1, "text": "no network for Lekki"}' | python -m services.domain.places""",
    )
    parser.add_argument("--evaluate", type=Path, metavar="FILE", help="measure on a file of texts with their places")
    args = parser.parse_args()
    return _evaluate(args.evaluate) if args.evaluate else _resolve()


def _resolve() -> int:
    gazetteer = Gazetteer.load()
    bad = 0
    for number, line in enumerate(sys.stdin, 1):
        try:
            asked = json.loads(line)
            text, state, lga = str(asked["text"]), asked.get("state"), asked.get("lga")
            place = gazetteer.resolve(text, state, lga)
        except (KeyError, TypeError, AttributeError, ValueError):
            print(f"line {number}: not a JSON object with a text", file=sys.stderr)
            bad += 1
            continue
        print(json.dumps({"id": asked.get("id"), **place._asdict()}, ensure_ascii=False))
    return 1 if bad else 0


def _evaluate(path: Path) -> int:
    try:
        cases = list(read(path))
    except (OSError, ValueError):
        print(f"{path}: cannot be read as lines of language, text, state, area", file=sys.stderr)
        return 1
    for part in dict.fromkeys(case.part for case in cases):
        found = score(case for case in cases if case.part == part)
        print(f"{part or 'tuned on'}: {found.texts} texts")
        for name, rates in (("state", found.state), ("area", found.area)):
            print(f"  {name:6} precision {rates.precision:.3f}  recall {rates.recall:.3f}")
        for case in found.wrong:
            print(f"  not right: {case.text}")
    gazetteer = Gazetteer.load()
    began, number = time.perf_counter(), 0
    while time.perf_counter() - began < 1.0:
        for case in cases:
            gazetteer.resolve(case.text)
        number += len(cases)
    print(f"{number / (time.perf_counter() - began):,.0f} texts/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
