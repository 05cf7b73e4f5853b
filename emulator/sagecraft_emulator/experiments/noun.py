"""What the emulator is told of experiments."""

from typing import Final

from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun

from .component import TrialComponentKind
from .experiment import ExperimentKind
from .following import Following
from .trial import TrialKind


def _make(means: Means) -> Made:
    store = means.store
    experiments, components = ExperimentKind(store), TrialComponentKind(store)
    trials = TrialKind(store, experiments, components)
    following = Following(store, experiments, trials, components)
    return Made(kinds=[experiments, trials, components], checks=[following.check], recover=following.recover)


EXPERIMENTS: Final = Noun(make=_make)
