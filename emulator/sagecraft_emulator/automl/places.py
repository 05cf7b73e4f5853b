"""Where a job leaves what, below the `S3OutputPath` of its request.

Source: the keys of real jobs in https://github.com/aws/amazon-sagemaker-examples, folder autopilot
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_catalog import S3Location

EXPLORATION: Final = "SageMakerAutopilotDataExplorationNotebook.ipynb"
DEFINITION: Final = "SageMakerAutopilotCandidateDefinitionNotebook.ipynb"


@dataclass(frozen=True)
class Places:
    """S3 URIs, none of which ends with a slash.

    Attributes:
        root: Of all that a job leaves.
    """

    root: str

    @classmethod
    def of(cls, name: str, body: Mapping[str, Any]) -> "Places":
        """Those of the job of a record."""
        return cls((S3Location.parse(body["OutputDataConfig"]["S3OutputPath"]) / name).uri)

    @property
    def asked(self) -> str:
        """What the program is asked for."""
        return f"{self.root}/sagemaker-automl-candidates/definition"

    @property
    def analysis(self) -> str:
        """What was found out about the data."""
        return f"{self.root}/sagemaker-automl-candidates/analysis"

    @property
    def notebooks(self) -> str:
        """The two notebooks."""
        return f"{self.root}/sagemaker-automl-candidates/notebooks"

    @property
    def prepared(self) -> str:
        """The data as training jobs read it."""
        return f"{self.root}/preprocessed-data/prepared"

    @property
    def training(self) -> str:
        """The models of training jobs."""
        return f"{self.root}/training"

    @property
    def leaderboard(self) -> str:
        """The candidates of an ensemble, and what they reached."""
        return f"{self.root}/sagemaker-automl-candidates/leaderboard"

    def explainability(self, candidate: str) -> str:
        """Why a candidate answers as it does."""
        return f"{self.root}/documentation/explainability/output/{candidate}"

    def insights(self, candidate: str) -> str:
        """How well a candidate answers."""
        return f"{self.root}/documentation/model_monitor/output/{candidate}"

    def backtest(self, candidate: str) -> str:
        """What a candidate would have forecast of the past."""
        return f"{self.root}/backtest/{candidate}"

    @property
    def artifacts(self) -> dict[str, str]:
        """The `AutoMLJobArtifacts` of an analyzed job."""
        return {
            "CandidateDefinitionNotebookLocation": f"{self.notebooks}/{DEFINITION}",
            "DataExplorationNotebookLocation": f"{self.notebooks}/{EXPLORATION}",
        }
