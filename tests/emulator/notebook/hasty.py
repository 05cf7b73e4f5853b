"""An emulator with short minutes: of the cron of notebook instances, and of the idle time of Studio's apps."""

import os
import sys
from functools import partial

from sagecraft_emulator.__main__ import main
from sagecraft_emulator.notebook import fleet
from sagecraft_emulator.notebook.environment.steps import Pace

MINUTE_SECONDS = "HASTY_MINUTE_SECONDS"

if __name__ == "__main__":
    vars(fleet)["Pace"] = partial(Pace, minute_seconds=float(os.environ.get(MINUTE_SECONDS, "1")))
    sys.exit(main())
