"""Every container that there is a program for."""

from collections.abc import Mapping
from typing import Final

from .program import Program
from .sklearn.program import PROGRAM as SKLEARN
from .xgboost.program import PROGRAM as XGBOOST

PROGRAMS: Final[Mapping[str, Program]] = {"sklearn": SKLEARN, "xgboost": XGBOOST}
"""By the name of its folder, which is that of an algorithm of the catalog; each is started by
`python -m sagecraft_containers.NAME`. A new one is a line here, and its packages in `images/NAME.txt`."""
