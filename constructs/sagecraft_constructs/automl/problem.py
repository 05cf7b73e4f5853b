"""What an AutoML job is asked to learn, of whatever kind."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from sagecraft_catalog import AUTOML_RESPONSE_KEYS, near_matches

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.tokens import is_token

from .metric import AutoMLMetric

FeatureType = Literal["numeric", "categorical", "text", "datetime"]


class AutoMLProblem(ABC):
    """What an AutoML job is asked to learn.

    Attributes:
        most_candidates: How many candidates AWS makes at most.
        takes_validation: Whether it can be given data to validate with.
        takes_gzip: Whether its data may be compressed.
    """

    most_candidates: ClassVar[int] = 1
    takes_validation: ClassVar[bool] = True
    takes_gzip: ClassVar[bool] = False

    @abstractmethod
    def config(self, *, criteria: Mapping[str, Any], features_uri: str | None) -> dict[str, Any]:
        """The `AutoMLProblemTypeConfig` of the request.

        Args:
            criteria: Its `CompletionCriteria`.
            features_uri: Where the features to use are told; `None` uses all.
        """

    @abstractmethod
    def check(self, problems: Problems, objective: AutoMLMetric | None) -> None:
        """Notes what SageMaker would refuse.

        Args:
            problems: Where to.
            objective: What the candidates are compared by; `None` is SageMaker's own choice.
        """

    @property
    def features(self) -> Mapping[str, FeatureType] | Sequence[str] | None:
        """The columns to learn from; `None` takes all."""
        return None

    @property
    def response_keys(self) -> tuple[str, ...]:
        """What an answer of the best candidate can be asked to hold; nothing where there is no choice."""
        return AUTOML_RESPONSE_KEYS


def algorithms_config(algorithms: Sequence[str]) -> dict[str, Any] | None:
    """The `CandidateGenerationConfig` of a request; `None` where all algorithms may be tried."""
    return {"AlgorithmsConfig": [{"AutoMLAlgorithms": list(algorithms)}]} if algorithms else None


def check_algorithms(problems: Problems, algorithms: Sequence[str], allowed: Sequence[str], where: str) -> None:
    """Notes the algorithms that SageMaker does not know there."""
    for each in algorithms:
        if not is_token(each) and each not in allowed:
            near = near_matches(each, allowed)
            hint = f"Did you mean {', '.join(near)}?" if near else f"There are {', '.join(allowed)}."
            problems.add("algorithms", f"SageMaker has no '{each}' {where}. {hint}")
