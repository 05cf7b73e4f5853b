"""What the emulator is told of experiments."""

from typing import Final

from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun

from .component import TrialComponentKind
from .experiment import ExperimentKind
from .following import Following
from .metrics import MetricsPlane
from .points import MetricPoints
from .trial import TrialKind


def _make(means: Means) -> Made:
    store = means.store
    points = MetricPoints(store)
    experiments, components = ExperimentKind(store), TrialComponentKind(store, points)
    trials = TrialKind(store, experiments, components)
    following = Following(store, experiments, trials, components, points)
    means.on_metric(following.metric)
    return Made(
        kinds=[experiments, trials, components],
        data_planes=[MetricsPlane(store, points).service],
        checks=[following.check],
        recover=following.recover,
        reset=points.clear,
        stop=points.flush,
    )


EXPERIMENTS: Final = Noun(make=_make)
