"""`python -m sagecraft_containers.lightgbm train|serve`."""

import sys

from .program import PROGRAM

if __name__ == "__main__":
    sys.exit(PROGRAM.run(sys.argv[1:]))
