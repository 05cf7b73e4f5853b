"""Learning from text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .metric import AutoMLMetric
from .problem import AutoMLProblem


@check_props
@dataclass(frozen=True, kw_only=True)
class TextClassification(AutoMLProblem):
    """A class that is to be told from a text.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TextClassificationJobConfig.html

    Attributes:
        content: The column of the text.
        target: The column of the class.
    """

    content: str
    target: str

    def config(self, *, criteria: Mapping[str, Any], features_uri: str | None) -> dict[str, Any]:
        """The `AutoMLProblemTypeConfig` of the request."""
        del features_uri
        members = {"ContentColumn": self.content, "TargetLabelColumn": self.target, "CompletionCriteria": criteria}
        return {"TextClassificationJobConfig": members}

    def check(self, problems: Problems, objective: AutoMLMetric | None) -> None:
        """Notes what SageMaker would refuse."""
        if objective not in (None, AutoMLMetric.ACCURACY):
            problems.add("objective", f"text classification has no metric '{objective}'. There is Accuracy.")
        if self.content == self.target and not is_token(self.content):
            problems.add("target", f"'{self.target}' is the column of the text, too; name the column of the class.")
