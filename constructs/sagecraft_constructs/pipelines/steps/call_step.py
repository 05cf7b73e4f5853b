"""Steps that something outside of SageMaker does: a function, or whoever reads a queue."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from sagecraft_catalog import near_matches

from sagecraft_constructs import permissions
from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.reference import Reference, StepProperty, meant
from sagecraft_constructs.permissions.policy import allow
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props

from .retry_policy import cache_config
from .step import Step

OutputType = Literal["String", "Integer", "Float", "Boolean"]
InputValue = Reference | str | int | float | bool


class _CallStep(Step):
    """A step that is given inputs and answers with outputs."""

    _inputs: Mapping[str, InputValue]
    _outputs: Mapping[str, OutputType]
    _cache_for: Duration | None

    def _call(
        self, inputs: Mapping[str, InputValue], outputs: Mapping[str, OutputType], cache_for: Duration | None
    ) -> None:
        self._inputs = inputs
        self._outputs = outputs
        self._cache_for = cache_for

    def output(self, name: str) -> Reference:
        """An output, for a `Condition`, or as `text` or `number` for a later step.

        Raises:
            InvalidProps: There is no such output; near matches are named.
        """
        if name not in self._outputs:
            near = near_matches(name, self._outputs)
            hint = f"Did you mean {', '.join(near)}?" if near else f"There are {', '.join(self._outputs) or 'none'}."
            raise InvalidProps(f"{self.step_type}Step '{self.name}'", [f"output: there is no output '{name}'. {hint}"])
        is_text = self._outputs[name] == "String"
        return StepProperty(self, f"OutputParameters['{name}']", is_text=is_text)

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The inputs."""
        del run
        return {name: meant(value) for name, value in self._inputs.items()}

    def members(self) -> Mapping[str, Any]:
        """The outputs, and how it is cached."""
        outputs = [{"OutputName": name, "OutputType": kind} for name, kind in self._outputs.items()]
        return present(CacheConfig=cache_config(self._cache_for), OutputParameters=outputs)


class LambdaStep(_CallStep):
    """A step that a function does: it is given the inputs as its event, and returns the outputs as an object.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-lambda
    """

    step_type = "Lambda"

    @check_props
    def __init__(
        self,
        *,
        name: str,
        function: lambda_.IFunction,
        inputs: Mapping[str, InputValue] | None = None,
        outputs: Mapping[str, OutputType] | None = None,
        cache_for: Duration | None = None,
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            function: What does it, within its own timeout and SageMaker's ten minutes.
            inputs: What it is given. Left out, nothing.
            outputs: What it returns, by name, and of which type. Left out, nothing.
            cache_for: Takes the outputs of an earlier run with the same inputs, if they are not older. Left out, the
                function is called each time.
            depends_on: What has to be done before, besides what the inputs use results of. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: With every problem.
        """
        problems = Problems(f"LambdaStep '{name}'")
        self._declare(problems, name, depends_on, display_name, description)
        self._call({} if inputs is None else inputs, {} if outputs is None else outputs, cache_for)
        self._function = function
        problems.raise_any()

    def members(self) -> Mapping[str, Any]:
        """The function besides."""
        return {**super().members(), "FunctionArn": self._function.function_arn}

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows to call the function."""
        del scope
        allow(role, ["lambda:InvokeFunction"], [self._function.function_arn])


class CallbackStep(_CallStep):
    """A step that whoever reads a queue does: the message has the inputs and a token.

    SageMaker waits for the token, which comes back with the outputs by `SendPipelineExecutionStepSuccess`, or by
    `SendPipelineExecutionStepFailure` with why there are none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-callback
    """

    step_type = "Callback"

    @check_props
    def __init__(
        self,
        *,
        name: str,
        queue: sqs.IQueue,
        inputs: Mapping[str, InputValue] | None = None,
        outputs: Mapping[str, OutputType] | None = None,
        cache_for: Duration | None = None,
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            queue: Where the message goes.
            inputs: What it holds. Left out, nothing but the token.
            outputs: What comes back, by name, and of which type. Left out, nothing.
            cache_for: Takes the outputs of an earlier run with the same inputs, if they are not older. Left out, a
                message is sent each time.
            depends_on: What has to be done before, besides what the inputs use results of. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: With every problem.
        """
        problems = Problems(f"CallbackStep '{name}'")
        self._declare(problems, name, depends_on, display_name, description)
        self._call({} if inputs is None else inputs, {} if outputs is None else outputs, cache_for)
        self._queue = queue
        problems.raise_any()

    def members(self) -> Mapping[str, Any]:
        """The queue besides."""
        return {**super().members(), "SqsQueueUrl": self._queue.queue_url}

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows to send the message."""
        del scope
        allow(role, ["sqs:SendMessage"], [self._queue.queue_arn])
        if self._queue.encryption_master_key is not None:
            permissions.allow_encrypt(role, self._queue.encryption_master_key)
