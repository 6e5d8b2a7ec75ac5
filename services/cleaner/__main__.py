"""python -m services.cleaner"""

import sys

from services.cleaner.cli import parser
from services.runtime.cli import run

if __name__ == "__main__":
    sys.exit(run(parser()))
