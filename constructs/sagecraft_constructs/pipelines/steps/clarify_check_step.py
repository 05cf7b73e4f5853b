"""A step that looks for bias, or for what a model's predictions come from."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

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
from sagecraft_constructs.permissions.nag import acknowledge_resources
from sagecraft_constructs.permissions.policy import allow
from sagecraft_constructs.processing.input import ProcessingInput
from sagecraft_constructs.processing.job import ProcessingJob
from sagecraft_constructs.processing.output import ProcessingOutput
from sagecraft_constructs.prop_kinds import check_props

from .check_step import OUTPUT_PATH, CheckBaseline, CheckStep, resource_arn
from .step import Step


class ClarifyCheckStep(CheckStep):
    """A step that finds the bias of data or of a model, or what a model's predictions come from, by AWS's Clarify.

    On the emulator a program of one's own stands for AWS's analyzer, or the pipeline is refused.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-clarify-check
    """

    _type = "ClarifyCheck"

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        check_type: Literal["DATA_BIAS", "MODEL_BIAS", "MODEL_EXPLAINABILITY"],
        dataset: TrainingInput,
        analysis_config: str | Path,
        output_bucket: s3.IBucket,
        model_name: str | None = None,
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
            check_type: What is looked for.
            dataset: In what.
            analysis_config: A file of JSON that tells Clarify what to do, called `analysis_config.json`. For a check of
                a model its `predictor` has an `endpoint_name_prefix`: Clarify makes an endpoint for the time of the
                check, and the role is held to its name.
            output_bucket: Where what it finds goes, and the file.
            model_name: The model, such as `ModelStep.model_name`; needed for a check of a model.
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
        problems = Problems.of(scope, id, "ClarifyCheckStep")
        of_model = check_type != "DATA_BIAS"
        if of_model != (model_name is not None):
            problems.add("model_name", f"is {'needed for' if of_model else 'not for'} a check of {check_type}.")
        if baseline is not None and baseline.statistics is not None:
            problems.add("baseline", "has 'statistics', which Clarify finds none of; give 'constraints' alone.")
        prefix = _endpoint_prefix(problems, Path(analysis_config), of_model=of_model)
        problems.raise_any()
        config = Dataset(scope, f"{id}Config", bucket=output_bucket, path=Path(analysis_config)).channel()
        self._processing = ProcessingJob(
            scope,
            id,
            container=ServiceContainer("clarify", network_isolation=not of_model),
            output_bucket=output_bucket,
            output_prefix=output_prefix,
            inputs={
                "analysis_config": ProcessingInput(source=config, local_path="/opt/ml/processing/input/config"),
                "dataset": ProcessingInput(source=dataset, local_path="/opt/ml/processing/input/data"),
            },
            outputs={"analysis_result": ProcessingOutput(local_path=OUTPUT_PATH)},
            instance_type=instance_type,
            instance_count=instance_count,
            volume_gib=volume_gib,
            max_runtime=max_runtime,
            network_isolation=not of_model,
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
        self._model_name = model_name
        found = self._processing.output("analysis_result")
        self._check(check_type, CheckBaseline() if baseline is None else baseline, (output_bucket, found.prefix))
        if prefix is not None:
            self._allow_endpoint(self._processing, prefix)

    def _allow_endpoint(self, scope: Construct, prefix: str) -> None:
        """Allows the job the endpoint that it makes for the time of the check."""
        arns = [resource_arn(scope, resource, f"{prefix}*") for resource in ("endpoint", "endpoint-config")]
        actions = [f"{verb}Endpoint{noun}" for verb in ("Create", "Delete", "Describe") for noun in ("", "Config")]
        allow(self.role, [f"sagemaker:{action}" for action in (*actions, "AddTags", "InvokeEndpoint")], arns)
        models = resource_arn(scope, "model", "*")
        allow(self.role, ["sagemaker:DescribeModel"], [models])
        acknowledge_resources(scope, [*arns, models], "Clarify names its endpoints itself, and a run its models.")


def _endpoint_prefix(problems: Problems, file: Path, *, of_model: bool) -> str | None:
    """What the names of the endpoints begin with that Clarify makes; None where it makes none."""
    if file.name != "analysis_config.json" or not file.is_file():
        told = f"'{file}' should be a file called 'analysis_config.json' (looked for it in '{Path.cwd()}')."
        problems.add("analysis_config", told)
        return None
    try:
        config = json.loads(file.read_text("utf-8"))
        prefix = config.get("predictor", {}).get("endpoint_name_prefix")
    except (AttributeError, ValueError) as error:
        problems.add("analysis_config", f"'{file}' should hold a JSON object: {error}.")
        return None
    if of_model and not isinstance(prefix, str):
        problems.add("analysis_config", f"'{file}' lacks 'endpoint_name_prefix' in 'predictor'; add it.")
    return prefix if of_model and isinstance(prefix, str) else None
