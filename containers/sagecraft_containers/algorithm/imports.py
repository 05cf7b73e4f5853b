"""What containers import whatever their job is. Those with equal imports are forked from one interpreter."""

from typing import Final

TABLES: Final = ("sagecraft_containers.algorithm.job", "pandas", "sklearn.cluster", "sklearn.ensemble")
"""What learns by scikit-learn, or from tables as it does."""
GRADIENTS: Final = ("sagecraft_containers.algorithm.job", "sagecraft_containers.algorithm.descent")
"""What learns by JAX."""
