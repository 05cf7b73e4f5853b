"""An emulator that does flow definitions besides all others: `python -m tests.emulator.noun.flow_definition …`."""

import sys

from sagecraft_emulator.__main__ import main
from sagecraft_emulator.engine import NOUNS

from .noun import FLOW_DEFINITION

if __name__ == "__main__":
    sys.exit(main(NOUNS.plus(FLOW_DEFINITION)))
