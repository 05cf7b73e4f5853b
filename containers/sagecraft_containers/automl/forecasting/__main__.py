"""`python -m sagecraft_containers.automl.forecasting analyze|report`: the steps of a job that are processing jobs."""

import sys

from sagecraft_containers.training.run import run_training

from .steps import STEPS

if __name__ == "__main__":
    sys.exit(run_training(STEPS[sys.argv[1]]))
