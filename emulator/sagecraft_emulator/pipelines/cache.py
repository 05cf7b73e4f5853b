"""Steps that are not run again: what was found by the same arguments not long ago is taken.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-caching.html, and
https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html for what of the arguments counts.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.errors import RecordExists, RecordMissing
from sagecraft_emulator.state.store import RecordKey, Store

from .definition.document import Step
from .definition.duration import seconds_of

KIND: Final = "PipelineStepCache"
"""Of the records: the last success of a step with some arguments, named `pipeline/step/digest`."""
_TRAINING_JOBS: Final = (
    "AlgorithmSpecification",
    "HyperParameterRanges",
    "InputDataConfig",
    "StaticHyperParameters",
    "TuningObjective",
)
_COUNTING: Final[Mapping[str, tuple[str, ...]]] = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": (
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    "Tuning": (
        "HyperParameterTuningJobConfig",
        *(f"TrainingJobDefinition.{member}" for member in _TRAINING_JOBS),
        "TrainingJobDefinitions",
    ),
    "AutoML": (
        "AutoMLJobConfig.CompletionCriteria",
        "AutoMLJobConfig.CandidateGenerationConfig",
        "AutoMLJobConfig.DataSplitConfig",
        "AutoMLJobConfig.Mode",
        "AutoMLJobObjective",
        "InputDataConfig",
        "ProblemType",
    ),
    "Transform": ("DataProcessing", "Environment", "ModelName", "TransformInput"),
}
"""Which members of the arguments count, by the step's type; of others all do."""
BESIDES: Final = (
    "FunctionArn",
    "SqsQueueUrl",
    "SkipCheck",
    "RegisterNewBaseline",
    "ModelPackageGroupName",
    "SuppliedBaselineConstraints",
    "SuppliedBaselineStatistics",
)
"""What counts of a step besides its arguments."""


class StepCache:
    """What the steps of a pipeline gave.

    Args:
        store: Where records are.
        pipeline: Which.
    """

    def __init__(self, store: Store, pipeline: RecordKey) -> None:
        self._store, self._pipeline = store, pipeline

    def key(self, step: Step, arguments: Any, members: Mapping[str, Any]) -> RecordKey:
        """What names the success of a step with these arguments, evaluated, and what counts besides them."""
        counting = _COUNTING.get(step.type)
        counted = arguments if counting is None else {path: _at(arguments, path) for path in counting}
        besides = {name: members[name] for name in BESIDES if name in members}
        text = json.dumps([step.type, counted, besides], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self._pipeline._replace(kind=KIND, name=f"{self._pipeline.name}/{step.name}/{digest}")

    def find(self, key: RecordKey, step: Step) -> Mapping[str, Any] | None:
        """The last success, when it is young enough: `Execution`, `Metadata` and `Properties`."""
        expiry = step.members["CacheConfig"].get("ExpireAfter")
        limit = None if expiry is None else seconds_of(str(expiry))
        with suppress(RecordMissing):
            found = self._store.get(key).body
            if limit is None or time.time() - found["At"] <= limit:
                return found
        return None

    def keep(self, key: RecordKey, execution: str, result: Mapping[str, Any]) -> None:
        """Keeps what a step gave that has succeeded in an execution, given by its ARN."""
        body = {**result, "Execution": execution, "At": time.time()}
        try:
            self._store.create(key, arn="", status=None, body=body)
        except RecordExists:
            self._store.update(key, body=body)


def is_cached(step: Step) -> bool:
    """Whether a step asks for that."""
    return bool(step.members.get("CacheConfig", {}).get("Enabled"))


def _at(arguments: Any, path: str) -> Any:
    for name in path.split("."):
        arguments = arguments.get(name) if isinstance(arguments, Mapping) else None
    return arguments
