"""What the emulator is told of lineage."""

from typing import Final

from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun

from .artifact import ArtifactKind
from .association import AssociationKind
from .entity import ActionKind, ContextKind
from .following import LineageOfWork


def _make(means: Means) -> Made:
    store = means.store
    artifacts, actions, contexts = ArtifactKind(store), ActionKind(store), ContextKind(store)
    associations = AssociationKind(store)
    LineageOfWork(store, artifacts, actions, contexts, associations)
    return Made(kinds=[artifacts, actions, contexts, associations])


LINEAGE: Final = Noun(make=_make)
