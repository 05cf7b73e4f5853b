"""`python -m sagecraft_containers.automl train|serve`, and its steps as processing jobs: `analyze` and `report`."""

import sys

from .program import PROGRAM, run_step

if __name__ == "__main__":
    step = sys.argv[1:]
    sys.exit(run_step(step[0]) if step in (["analyze"], ["report"]) else PROGRAM.run(step))
