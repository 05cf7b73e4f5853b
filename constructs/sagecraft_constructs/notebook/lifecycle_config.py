"""What a notebook instance does when it is created and whenever it starts."""

from importlib.resources import files

from aws_cdk import ArnFormat, Duration, Fn
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct
from sagecraft_catalog import check_name

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.script import check_script
from sagecraft_constructs.tokens import is_token

_SHORTEST_IDLE_SECONDS = 5 * 60
_LONGEST_IDLE_SECONDS = 7 * 24 * 3600


class LifecycleConfigBase(Construct):
    """A lifecycle configuration, declared here or existing.

    Attributes:
        lifecycle_config_name: Its name.
        lifecycle_config_arn: Its ARN.
        stops_instance: Whether its scripts stop the instance that they run on; `NotebookInstance` then allows that.
    """

    lifecycle_config_name: str
    lifecycle_config_arn: str
    stops_instance: bool


class _ImportedLifecycleConfig(LifecycleConfigBase):
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        name: str,
        *,
        stops_instance: bool,
    ) -> None:
        super().__init__(scope, id)
        self.lifecycle_config_name = name
        self.lifecycle_config_arn = stack_of(self).format_arn(
            service="sagemaker",
            resource="notebook-instance-lifecycle-config",
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self.stops_instance = stops_instance


class LifecycleConfig(LifecycleConfigBase):
    """Shell scripts that run as root on a notebook instance, each for at most five minutes.

    A script that fails, fails the creation or start of the instance; its output is in the log group
    `/aws/sagemaker/NotebookInstances`. Changed scripts run at the next start. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/notebook-lifecycle-config.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        on_create: str | None = None,
        on_start: str | None = None,
        stops_instance: bool = False,
        lifecycle_config_name: str | None = None,
    ) -> None:
        """Declares the configuration.

        Args:
            scope: Where it stands.
            id: Its name there.
            on_create: Runs once, when the instance is created. Left out, nothing does. At most 16,384 characters once
                encoded in base64, that is 12,288 bytes; longer ones should fetch what they need.
            on_start: Runs at every start, creation included. Left out, nothing does. The same limit.
            stops_instance: Whether the scripts stop the instance; `NotebookInstance` then allows it to stop itself.
            lifecycle_config_name: Left out, CloudFormation makes one that never clashes.

        Raises:
            InvalidProps: A script is empty or too long, or the name is none that SageMaker allows.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "LifecycleConfig")
        for prop, script in (("on_create", on_create), ("on_start", on_start)):
            check_script(problems, prop, script)
        if lifecycle_config_name is not None and not is_token(lifecycle_config_name):
            with problems.noting("lifecycle_config_name"):
                check_name("NotebookInstanceLifecycleConfigName", lifecycle_config_name)
        problems.raise_any()
        resource = sagemaker.CfnNotebookInstanceLifecycleConfig(
            self,
            "Resource",
            notebook_instance_lifecycle_config_name=lifecycle_config_name,
            on_create=_hooks(on_create),
            on_start=_hooks(on_start),
        )
        self.lifecycle_config_name = resource.attr_notebook_instance_lifecycle_config_name
        self.lifecycle_config_arn = resource.ref
        self.stops_instance = stops_instance

    @classmethod
    @check_props
    def idle_stop(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        idle_time: Duration | None = None,
        keep_while_connected: bool = False,
        on_create: str | None = None,
        on_start: str | None = None,
        lifecycle_config_name: str | None = None,
    ) -> "LifecycleConfig":
        """A configuration that stops the instance when nobody has worked on it for some time.

        It works on Amazon Linux 2 and 2023, by a systemd timer or else by cron. Activity is: a busy kernel, what a
        kernel last did, input to or output of a terminal, and a save of an open notebook. A process that runs in a
        terminal without any output is none. What it finds is in the instance's `jupyter.log` in CloudWatch Logs.

        An instance without direct internet access reaches SageMaker's API, which stops it, by the NAT gateway or the
        interface endpoint `com.amazonaws.<region>.sagemaker.api` of its VPC.

        Args:
            scope: Where it stands.
            id: Its name there.
            idle_time: Five minutes to seven days. Left out, one hour.
            keep_while_connected: Also counts a browser that shows a notebook as activity. Left out, a tab that somebody
                forgot does not keep the instance running.
            on_create: A script of your own, as in the constructor.
            on_start: A script of your own; it runs after the idle stop is installed. Both share the limit, which leaves
                about 1,900 bytes.
            lifecycle_config_name: As in the constructor.

        Raises:
            InvalidProps: The idle time is out of its range or a token, or as in the constructor.
        """
        idle_time = Duration.hours(1) if idle_time is None else idle_time
        problems = Problems.of(scope, id, "LifecycleConfig")
        if idle_time.is_unresolved():
            problems.add("idle_time", "it must be known when the app is synthesized; give a Duration, not a token.")
        elif not _SHORTEST_IDLE_SECONDS <= idle_time.to_seconds() <= _LONGEST_IDLE_SECONDS:
            problems.add("idle_time", f"should be from 5 minutes to 7 days, got {idle_time.to_human_string()}.")
        problems.raise_any()
        installer = _idle_stop_script(idle_time.to_seconds(), keep_while_connected=keep_while_connected)
        return cls(
            scope,
            id,
            on_create=on_create,
            on_start=installer if on_start is None else f"{installer}\n{on_start}",
            stops_instance=True,
            lifecycle_config_name=lifecycle_config_name,
        )

    @staticmethod
    @check_props
    def from_lifecycle_config_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        lifecycle_config_name: str,
        *,
        stops_instance: bool = False,
    ) -> LifecycleConfigBase:
        """A configuration that exists in the account and region of the stack.

        Args:
            scope: Where it stands.
            id: Its name there.
            lifecycle_config_name: Its name.
            stops_instance: Whether its scripts stop the instance; `NotebookInstance` then allows it to stop itself.
        """
        return _ImportedLifecycleConfig(scope, id, lifecycle_config_name, stops_instance=stops_instance)


def _idle_stop_script(idle_seconds: float, *, keep_while_connected: bool) -> str:
    scripts = files("sagecraft_constructs.notebook.scripts")
    options = " --keep-while-connected" if keep_while_connected else ""
    return (
        scripts.joinpath("idle_stop.sh")
        .read_text(encoding="utf-8")
        .replace("@IDLE_SECONDS@", str(int(idle_seconds)))
        .replace("@OPTIONS@", options)
        .replace("@PROGRAM@\n", scripts.joinpath("idle_check.py").read_text(encoding="utf-8"))
    )


def _hooks(
    script: str | None,
) -> list[sagemaker.CfnNotebookInstanceLifecycleConfig.NotebookInstanceLifecycleHookProperty] | None:
    if script is None:
        return None
    return [
        sagemaker.CfnNotebookInstanceLifecycleConfig.NotebookInstanceLifecycleHookProperty(content=Fn.base64(script))
    ]
