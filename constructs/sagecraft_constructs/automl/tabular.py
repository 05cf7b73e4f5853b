"""Learning from a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sagecraft_catalog import AUTOML_ALGORITHMS, AUTOML_RESPONSE_KEYS

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props

from .metric import METRICS, AutoMLMetric, ProblemType
from .mode import AutoMLMode
from .problem import AutoMLProblem, FeatureType, algorithms_config, check_algorithms


@check_props
@dataclass(frozen=True, kw_only=True)
class TabularProblem(AutoMLProblem):
    """A column of a table that is to be told from the others.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TabularJobConfig.html

    Attributes:
        target: The column.
        problem_type: Left out, SageMaker infers it from the column. Give it together with the job's objective.
        mode: Left out, `AUTO`.
        algorithms: Which may be tried, of those of the mode. Left out, all of them.
        feature_columns: The columns to learn from, with their types where they are a mapping. Left out, all others.
        sample_weight: The column that says how much a row counts, for ensembling. Left out, all rows count the same.
    """

    most_candidates: ClassVar[int] = 750
    takes_gzip: ClassVar[bool] = True

    target: str
    problem_type: ProblemType | None = None
    mode: AutoMLMode = AutoMLMode.AUTO
    algorithms: Sequence[str] = ()
    feature_columns: Mapping[str, FeatureType] | Sequence[str] | None = None
    sample_weight: str | None = None

    @property
    def features(self) -> Mapping[str, FeatureType] | Sequence[str] | None:
        """The columns to learn from; `None` takes all others."""
        return self.feature_columns

    @property
    def response_keys(self) -> tuple[str, ...]:
        """Those of a classification, but where it is known to be none."""
        return AUTOML_RESPONSE_KEYS[:1] if self.problem_type is ProblemType.REGRESSION else AUTOML_RESPONSE_KEYS

    def config(self, *, criteria: Mapping[str, Any], features_uri: str | None) -> dict[str, Any]:
        """The `AutoMLProblemTypeConfig` of the request."""
        return {
            "TabularJobConfig": present(
                TargetAttributeName=self.target,
                ProblemType=None if self.problem_type is None else str(self.problem_type),
                Mode=str(self.mode),
                CompletionCriteria=criteria,
                CandidateGenerationConfig=algorithms_config(self.algorithms),
                FeatureSpecificationS3Uri=features_uri,
                SampleWeightAttributeName=self.sample_weight,
            )
        }

    def check(self, problems: Problems, objective: AutoMLMetric | None) -> None:
        """Notes what SageMaker would refuse."""
        if (self.problem_type is None) != (objective is None):
            given, missing = (
                ("objective", "problem_type") if self.problem_type is None else ("problem_type", "objective")
            )
            problems.add(missing, f"is needed with '{given}'; SageMaker takes both, or infers both.")
        elif self.problem_type is not None and objective not in METRICS[self.problem_type]:
            allowed = ", ".join(METRICS[self.problem_type])
            problems.add("objective", f"{self.problem_type} has no metric '{objective}'. There are {allowed}.")
        if self.algorithms and self.mode is AutoMLMode.AUTO:
            problems.add("algorithms", "need a mode to be of; give AutoMLMode.ENSEMBLING or HYPERPARAMETER_TUNING.")
        else:
            check_algorithms(problems, self.algorithms, AUTOML_ALGORITHMS[self.mode], f"in mode {self.mode}")
        if self.sample_weight is not None and self.mode is not AutoMLMode.ENSEMBLING:
            problems.add(
                "sample_weight", "SageMaker takes it in mode ENSEMBLING alone; set mode=AutoMLMode.ENSEMBLING."
            )
        if self.sample_weight is not None and self.sample_weight == self.target:
            problems.add("sample_weight", f"'{self.target}' is the target, so it cannot say how much a row counts.")
        for column, role in ((self.target, "target"), (self.sample_weight, "sample_weight")):
            if column is not None and column in (self.feature_columns or ()):
                problems.add(
                    "feature_columns", f"'{column}' is the {role}, which is nothing to learn from; leave it out."
                )
