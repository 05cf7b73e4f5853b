"""The programs inside training and serving containers: SageMaker's container contract."""

from collections.abc import Mapping
from typing import Final

PROGRAMS: Final = ("sklearn", "xgboost")
"""Each is a folder of this package that declares its `Program`, and an algorithm of the catalog; it is started by
`python -m sagecraft_containers.NAME`. A new one is a line here, and its packages in `images/NAME.txt`."""

TRAINING_IMPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "xgboost": ("sagecraft_containers.xgboost.training.algorithm", "pyarrow.csv"),
}
"""What `train` of a program imports whatever its job is. None of it starts a thread, so an interpreter that has it
can be forked for each job. scikit-learn's has nothing: AWS's toolkit reads its job when it is imported."""
