"""python -m bench: every benchmark, or those that are named."""

import argparse
import importlib
import pkgutil
from collections.abc import Sequence

import bench
from bench.figures import Figure, show
from services.runtime.cli import EXIT_DATA, EXIT_OK, Parser, run


def _names() -> list[str]:
    """Modules of this folder with a function measure()."""
    modules = (module.name for module in pkgutil.iter_modules(bench.__path__) if not module.ispkg)
    return [name for name in modules if hasattr(importlib.import_module(f"bench.{name}"), "measure")]


def _run(args: argparse.Namespace) -> int:
    known = _names()
    unknown = [name for name in args.names if name not in known]
    if unknown:
        args.parser.error(f"no benchmark {unknown[0]}: there are {', '.join(known)}")
    missed = 0
    for name in args.names or known:
        figures: Sequence[Figure] = importlib.import_module(f"bench.{name}").measure(quick=args.quick)
        show(name, figures)
        missed += sum(figure.reached is False for figure in figures)
    if missed:
        print(f"{missed} figures were missed")
    return EXIT_DATA if missed and args.strict else EXIT_OK


def main() -> int:
    """Entry point."""
    parser = Parser(
        prog="python -m bench",
        description="Measures the pipeline on this machine, beside what people would use instead.",
        epilog="example: python -m bench stage end_to_end --quick",
    )
    parser.add_argument("names", nargs="*", help="benchmarks to run (all)")
    parser.add_argument("--quick", action="store_true", help="smaller inputs: to see that it works")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a bound is missed")
    parser.set_defaults(run=_run, parser=parser)
    return run(parser)


if __name__ == "__main__":
    raise SystemExit(main())
