"""Every container that there is a program for."""

from collections.abc import Mapping
from typing import Final

from .automl.program import PROGRAM as AUTOML
from .catboost.program import PROGRAM as CATBOOST
from .factorization_machines.program import PROGRAM as FACTORIZATION_MACHINES
from .kmeans.program import PROGRAM as KMEANS
from .knn.program import PROGRAM as KNN
from .lda.program import PROGRAM as LDA
from .lightgbm.program import PROGRAM as LIGHTGBM
from .linear_learner.program import PROGRAM as LINEAR_LEARNER
from .pca.program import PROGRAM as PCA
from .program import Program
from .randomcutforest.program import PROGRAM as RANDOM_CUT_FOREST
from .sklearn.program import PROGRAM as SKLEARN
from .xgboost.program import PROGRAM as XGBOOST

PROGRAMS: Final[Mapping[str, Program]] = {
    "automl": AUTOML,
    "catboost": CATBOOST,
    "factorization-machines": FACTORIZATION_MACHINES,
    "kmeans": KMEANS,
    "knn": KNN,
    "lda": LDA,
    "lightgbm": LIGHTGBM,
    "linear-learner": LINEAR_LEARNER,
    "pca": PCA,
    "randomcutforest": RANDOM_CUT_FOREST,
    "sklearn": SKLEARN,
    "xgboost": XGBOOST,
}
"""By the name of its algorithm in the catalog. A new one is a line here, and its packages in `images/FOLDER.txt`."""


def not_installed(name: str) -> str | None:
    """What is to be said of an algorithm whose packages are not installed; None of any other."""
    missing = PROGRAMS[name].missing_packages if name in PROGRAMS else []
    if not missing:
        return None
    packages = f"package{'s' if len(missing) > 1 else ''} {' and '.join(missing)}"
    return f'The algorithm {name} needs the {packages}. Run: pip install "sagecraft[algorithms]"'


def module_of(name: str) -> str:
    """What `python -m` starts a program by: its folder, which is called as its algorithm, but for the hyphens."""
    return f"sagecraft_containers.{name.replace('-', '_')}"
