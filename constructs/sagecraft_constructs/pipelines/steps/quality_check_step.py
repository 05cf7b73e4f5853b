"""A step that looks into the quality of data, or of what a model predicts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sagecraft_constructs.container.service_container import ServiceContainer
from sagecraft_constructs.data.dataset import Dataset
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.job.reference import StepProperty
from sagecraft_constructs.present import present
from sagecraft_constructs.processing.input import ProcessingInput
from sagecraft_constructs.processing.job import ProcessingJob
from sagecraft_constructs.processing.output import ProcessingOutput
from sagecraft_constructs.prop_kinds import check_props

from .check_step import OUTPUT_PATH, CheckBaseline, CheckStep
from .step import Step

_CSV: Final[Mapping[str, Any]] = {"csv": {"header": True, "output_columns_position": "START"}}
_DATASET, _PRE, _POST = (
    "baseline_dataset_input",
    "record_preprocessor_script_input",
    "post_analytics_processor_script_input",
)


@check_props
@dataclass(frozen=True, kw_only=True)
class ModelQuality:
    """How a model's predictions stand in a data set: each attribute is a column's name or position, or a JSONPath.

    Attributes:
        problem_type: What the model does.
        inference_attribute: The prediction. Left out, there is none.
        probability_attribute: Its probability. Left out, there is none.
        ground_truth_attribute: What is true. Left out, there is none.
        probability_threshold: From which probability on the prediction is true. Left out, the analyzer's own.
    """

    problem_type: Literal["BinaryClassification", "MulticlassClassification", "Regression"]
    inference_attribute: str | None = None
    probability_attribute: str | None = None
    ground_truth_attribute: str | None = None
    probability_threshold: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """As the analyzer reads it."""
        return present(
            analysis_type="MODEL_QUALITY",
            problem_type=self.problem_type,
            inference_attribute=self.inference_attribute,
            probability_attribute=self.probability_attribute,
            ground_truth_attribute=self.ground_truth_attribute,
            probability_threshold_attribute=self.probability_threshold,
        )


class QualityCheckStep(CheckStep):
    """A step that finds the statistics and constraints of data, or of a model's predictions, by AWS's Model Monitor.

    On the emulator a program of one's own stands for AWS's analyzer, or the pipeline is refused.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-quality-check
    """

    _type = "QualityCheck"

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        dataset: TrainingInput,
        output_bucket: s3.IBucket,
        model_quality: ModelQuality | None = None,
        dataset_format: Mapping[str, Any] | None = None,
        record_preprocessor: str | Path | None = None,
        post_processor: str | Path | None = None,
        baseline: CheckBaseline | None = None,
        output_prefix: str = "checks",
        instance_type: InstanceType | None = None,
        instance_count: int = 1,
        volume_gib: int = 30,
        max_runtime: Duration | None = None,
        role: iam.IRole | None = None,
        name: str | None = None,
        cache_for: Duration | None = None,
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            scope: Where its job stands.
            id: Its name there.
            dataset: What is looked into.
            output_bucket: Where what it finds goes.
            model_quality: How predictions stand in the data. Left out, the quality of the data itself is found.
            dataset_format: As the analyzer has it. Left out, CSV with a header.
            record_preprocessor: A Python file by which each row of data goes. Left out, rows are taken as they are.
            post_processor: A Python file that is run behind the analysis. Left out, none is.
            baseline: With what it is compared. Left out, with nothing that was before.
            output_prefix: What the keys of what it finds begin with. Left out, `checks`.
            instance_type: Left out, `ml.m5.large`.
            instance_count: Left out, one.
            volume_gib: The size of each instance's volume in GiB. Left out, 30.
            max_runtime: After which SageMaker stops the job. Left out, half an hour.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the job needs.
            name: Its name in the pipeline. Left out, the id.
            cache_for: As for `JobStep`.
            depends_on: As for `JobStep`.
            display_name: As for `JobStep`.
            description: As for `JobStep`.

        Raises:
            InvalidProps: With every problem.
        """
        problems = Problems.of(scope, id, "QualityCheckStep")
        if model_quality is not None and record_preprocessor is not None:
            problems.add("record_preprocessor", "is for a check of data alone; leave it or 'model_quality' out.")
        scripts = {_PRE: record_preprocessor, _POST: post_processor}
        for prop, script in (("record_preprocessor", record_preprocessor), ("post_processor", post_processor)):
            if script is not None and not Path(script).is_file():
                problems.add(prop, f"'{script}' is no file (looked for it in '{Path.cwd()}').")
        problems.raise_any()
        inputs = {_DATASET: ProcessingInput(source=dataset)}
        environment = {
            "output_path": OUTPUT_PATH,
            "publish_cloudwatch_metrics": "Disabled",
            "dataset_format": json.dumps(_CSV if dataset_format is None else dataset_format),
            "dataset_source": f"/opt/ml/processing/input/{_DATASET}",
            **({} if model_quality is None else model_quality.environment),
        }
        for input_name, script in scripts.items():
            if script is not None:
                words = "".join(word.capitalize() for word in input_name.split("_"))
                source = Dataset(scope, f"{id}{words}", bucket=output_bucket, path=Path(script)).channel()
                inputs[input_name] = ProcessingInput(source=source)
                variable = input_name.removesuffix("_input")
                environment[variable] = f"{inputs[input_name].path(input_name)}/{Path(script).name}"
        self._processing = ProcessingJob(
            scope,
            id,
            container=ServiceContainer("model-monitor", network_isolation=True),
            output_bucket=output_bucket,
            output_prefix=output_prefix,
            inputs=inputs,
            outputs={"quality_check_output": ProcessingOutput(local_path=OUTPUT_PATH)},
            environment=environment,
            instance_type=instance_type,
            instance_count=instance_count,
            volume_gib=volume_gib,
            max_runtime=max_runtime,
            role=role,
            realization=JobRealization.PIPELINE_STEP,
        )
        super().__init__(
            self._processing,
            name=id if name is None else name,
            cache_for=cache_for,
            depends_on=depends_on,
            display_name=display_name,
            description=description,
        )
        check_type = "DATA_QUALITY" if model_quality is None else "MODEL_QUALITY"
        found = self._processing.output("quality_check_output")
        self._check(check_type, CheckBaseline() if baseline is None else baseline, (output_bucket, found.prefix))

    @property
    def calculated_statistics(self) -> str:
        """`s3://…` of the statistics that it has found, for a later step."""
        return StepProperty(self.job, "CalculatedBaselineStatistics").text

    @property
    def baseline_statistics(self) -> str:
        """`s3://…` of the statistics with which a model that is registered is to be compared, for a later step."""
        return StepProperty(self.job, "BaselineUsedForDriftCheckStatistics").text
