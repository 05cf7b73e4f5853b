"""A step that runs a notebook."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from aws_cdk import Duration, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.container.service_container import ServiceContainer
from sagecraft_constructs.data.dataset import Dataset
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.job.reference import StepProperty
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.training.job import TrainingJob

from .job_step import JobStep
from .retry_policy import RetryPolicy
from .step import Step

_CHANNEL: Final = "sagemaker_headless_execution_pipelinestep"
_PROGRAM: Final = "amazon_sagemaker_scheduler"


class NotebookJobStep(JobStep):
    """A step that runs a notebook, as a training job in SageMaker Distribution.

    The notebook is left with its outputs in `output.tar.gz` of the job, also when a cell raises.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/notebook-auto-run.html
    """

    job: TrainingJob

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        notebook: str | Path,
        output_bucket: s3.IBucket,
        parameters: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        initialization_script: str | Path | None = None,
        additional_dependencies: Sequence[str | Path] = (),
        container: TrainingContainer | None = None,
        kernel_name: str = "python3",
        output_prefix: str = "notebooks",
        instance_type: InstanceType | None = None,
        volume_gib: int = 30,
        max_runtime: Duration | None = None,
        role: iam.IRole | None = None,
        name: str | None = None,
        retry_policies: Sequence[RetryPolicy] = (),
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            scope: Where its job stands.
            id: Its name there.
            notebook: A file `*.ipynb`; it is uploaded.
            output_bucket: Where the notebook goes, and what it leaves.
            parameters: Set behind the cell that is tagged `parameters`, else before all cells. Left out, none are.
            environment: Environment variables of the notebook. Left out, none are set.
            initialization_script: A shell script that is sourced before. Left out, none is.
            additional_dependencies: Files and folders that lie beside the notebook. Left out, none do.
            container: An image that has the program that runs notebooks. Left out, SageMaker Distribution.
            kernel_name: In the image. Left out, `python3`, the one that the emulator has.
            output_prefix: What the keys of what it leaves begin with. Left out, `notebooks`.
            instance_type: Left out, `ml.m5.large`.
            volume_gib: The size of the volume in GiB. Left out, 30.
            max_runtime: After which SageMaker stops the job. Left out, two days.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the job needs; what the
                notebook does besides is to be granted to `role` of the step.
            name: Its name in the pipeline. Left out, the id.
            retry_policies: As for `JobStep`.
            depends_on: As for `JobStep`.
            display_name: As for `JobStep`.
            description: As for `JobStep`.

        Raises:
            InvalidProps: With every problem.
        """
        problems = Problems.of(scope, id, "NotebookJobStep")
        file, script = Path(notebook), None if initialization_script is None else Path(initialization_script)
        files = [file, *([] if script is None else [script]), *map(Path, additional_dependencies)]
        if file.suffix != ".ipynb":
            problems.add("notebook", f"'{file}' should be a file '*.ipynb'.")
        for each in files:
            if not each.exists():
                problems.add("notebook", f"'{each}' does not exist (looked for it in '{Path.cwd()}').")
        names = [each.name for each in files]
        if len(set(names)) < len(names):
            problems.add("additional_dependencies", f"lie beside each other, and have one name twice: {names}.")
        problems.raise_any()
        source = Dataset(
            scope, f"{id}Files", bucket=output_bucket, path=file, preparation=partial(_gather, files)
        ).channel()
        job = TrainingJob(
            scope,
            id,
            container=ServiceContainer("distribution", network_isolation=False) if container is None else container,
            inputs={_CHANNEL: source},
            output_bucket=output_bucket,
            output_prefix=output_prefix,
            hyperparameters=parameters,
            environment={
                **({} if environment is None else environment),
                "AWS_DEFAULT_REGION": Stack.of(scope).region,
                "SM_JOB_DEF_VERSION": "1.0",
                "SM_ENV_NAME": "sagemaker-default-env",
                "SM_SKIP_EFS_SIMULATION": "true",
                "SM_EXECUTION_INPUT_PATH": f"/opt/ml/input/data/{_CHANNEL}",
                "SM_KERNEL_NAME": kernel_name,
                "SM_INPUT_NOTEBOOK_NAME": file.name,
                "SM_OUTPUT_NOTEBOOK_NAME": file.name,
                **({} if script is None else {"SM_INIT_SCRIPT": script.name}),
            },
            instance_type=instance_type,
            volume_gib=volume_gib,
            max_runtime=Duration.days(2) if max_runtime is None else max_runtime,
            network_isolation=False,
            retry_attempts=1,
            role=role,
            realization=JobRealization.PIPELINE_STEP,
        )
        for key, value in (
            ("name", id),
            ("notebook-name", file.name),
            ("notebook-job-origin", "PIPELINE_STEP"),
            ("is-studio-archived", "false"),
        ):
            Tags.of(job).add(f"sagemaker:{key}", value)
        super().__init__(
            job,
            name=id if name is None else name,
            retry_policies=retry_policies,
            depends_on=depends_on,
            display_name=display_name,
            description=description,
        )

    @property
    def role(self) -> iam.IRole:
        """The execution role of its job, which the notebook acts as."""
        return self.job.role

    @property
    def output_location(self) -> str:
        """`s3://…` below which the job's folder is, for a later step."""
        return StepProperty(self.job, "OutputDataConfig.S3OutputPath").text

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The job's request, with the program that runs notebooks."""
        request = super().arguments(run)
        specification = {**request["AlgorithmSpecification"], "ContainerEntrypoint": [_PROGRAM]}
        return {**request, "AlgorithmSpecification": specification}


def _gather(files: Sequence[Path], _: Path, directory: Path) -> None:
    """Copies files and folders beside each other."""
    for each in files:
        if each.is_dir():
            shutil.copytree(each, directory / each.name)
        else:
            shutil.copy2(each, directory)
