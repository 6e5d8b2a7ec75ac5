"""python -m services.classifier"""

from services.classifier.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
