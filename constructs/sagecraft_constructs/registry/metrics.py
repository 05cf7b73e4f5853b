"""Reports about a model that are kept with its version, for who approves it."""

from dataclasses import dataclass
from typing import Any

from sagecraft_constructs.prop_kinds import check_props

_JSON = "application/json"


@check_props
@dataclass(frozen=True, kw_only=True)
class ModelMetrics:
    """Where reports lie: S3 URIs of JSON, such as `ProcessingJob.output_uri` and a file's name.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html

    Attributes:
        model_quality: How good the model's answers are.
        model_quality_constraints: What they should be, for a monitor. Left out, nothing is said.
        data_quality: What the data is like that it was trained on. Left out, nothing is said.
        data_quality_constraints: What data should be like, for a monitor. Left out, nothing is said.
        bias: Of answers and data. Left out, nothing is said.
        explainability: What answers hang on. Left out, nothing is said.
    """

    model_quality: str | None = None
    model_quality_constraints: str | None = None
    data_quality: str | None = None
    data_quality_constraints: str | None = None
    bias: str | None = None
    explainability: str | None = None

    @property
    def members(self) -> dict[str, Any]:
        """The `ModelMetrics` of a request, as CloudFormation's classes take them; a report without an URI is absent."""
        quality = _sources(statistics=self.model_quality, constraints=self.model_quality_constraints)
        data = _sources(statistics=self.data_quality, constraints=self.data_quality_constraints)
        return {
            name: sources
            for name, sources in {
                "modelQuality": quality,
                "modelDataQuality": data,
                "bias": _sources(report=self.bias),
                "explainability": _sources(report=self.explainability),
            }.items()
            if sources
        }

    @property
    def drift_check_members(self) -> dict[str, Any]:
        """The `DriftCheckBaselines` that follow: what monitors compare with later."""
        return {name: each for name, each in self.members.items() if name in {"modelQuality", "modelDataQuality"}}


def _sources(**uris: str | None) -> dict[str, dict[str, str]]:
    return {name: {"contentType": _JSON, "s3Uri": uri} for name, uri in uris.items() if uri is not None}
