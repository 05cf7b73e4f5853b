"""The kinds of the registry, as they know one another."""

from sagecraft_emulator.noun.means import Means

from .algorithm import AlgorithmKind
from .model_package import ModelPackageKind
from .model_package_group import ModelPackageGroupKind


def model_packages(means: Means) -> ModelPackageKind:
    """The model packages, with the groups and algorithms that they refer to."""
    store = means.store
    return ModelPackageKind(store, ModelPackageGroupKind(store), AlgorithmKind(store), means.surroundings)
