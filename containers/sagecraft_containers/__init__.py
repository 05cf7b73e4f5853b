"""The programs inside training and serving containers: SageMaker's container contract."""

from typing import Final

PROGRAMS: Final = ("sklearn", "xgboost")
"""Each is a folder of this package that declares its `Program`, and an algorithm of the catalog; it is started by
`python -m sagecraft_containers.NAME`. A new one is a line here, and its packages in `images/NAME.txt`."""
