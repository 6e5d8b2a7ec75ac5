"""python -m services.batch_loader"""

import sys

from services.batch_loader.app import main

sys.exit(main())
