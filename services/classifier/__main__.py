"""python -m services.classifier: without a command the service itself, as `faust -A services.classifier.app worker`."""

import sys

from services.classifier.cli import main


def _serve() -> int:
    # imported here: the commands need neither settings nor a broker
    from services.classifier.app import app
    from services.runtime import worker

    return worker.run(app)


if __name__ == "__main__":
    sys.exit(main() if sys.argv[1:] else _serve())
