"""python -m services.cleaner: without a command the service itself, like `faust -A services.cleaner.app worker`."""

import sys

from services.cleaner.cli import parser
from services.runtime.cli import run


def _serve() -> int:
    # imported here: the commands need neither settings nor a broker
    from services.cleaner.app import app
    from services.runtime import worker

    return worker.run(app)


if __name__ == "__main__":
    sys.exit(run(parser()) if sys.argv[1:] else _serve())
