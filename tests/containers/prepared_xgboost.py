"""The XGBoost container's program, for `tests/prepared_process.py`."""

import sys

import pyarrow.csv  # noqa: F401 - which it imports when it reads CSV
from sagecraft_containers.xgboost.program import PROGRAM
from sagecraft_containers.xgboost.training import algorithm  # noqa: F401 - as above, when it trains


def prepare() -> None:
    """Imports what it does when it reads sparse data, or trains in folds: scikit-learn, which XGBoost must not find."""
    import scipy.sparse  # noqa: F401
    import sklearn.model_selection  # noqa: F401


def main() -> None:
    """As `python -m sagecraft_containers.xgboost`."""
    sys.exit(PROGRAM.run(sys.argv[1:]))
