"""`python -m sagecraft_containers.automl train|serve`, and its steps as processing jobs: `analyze` and `report`."""

import sys

from .program import PROGRAM

if __name__ == "__main__":
    sys.exit(PROGRAM.run(sys.argv[1:]))
