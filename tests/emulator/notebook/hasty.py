"""An emulator whose notebook instances have a cron with short minutes."""

import sys
from functools import partial

from sagecraft_emulator.__main__ import main
from sagecraft_emulator.notebook import fleet
from sagecraft_emulator.notebook.environment.steps import Pace

if __name__ == "__main__":
    vars(fleet)["Pace"] = partial(Pace, minute_seconds=0.3)
    sys.exit(main())
