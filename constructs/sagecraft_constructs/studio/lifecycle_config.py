"""What an app of Studio does whenever it starts."""

import hashlib
import json
from typing import Final

import jsii
from aws_cdk import ArnFormat, Fn, IStableStringProducer, Lazy
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.script import check_script

from .app_type import StudioAppType
from .name import LONGEST_NAME, check_given_name, own_name

_HASH_LENGTH: Final = 10


class StudioLifecycleConfigBase(Construct):
    """A lifecycle configuration of Studio, declared here or existing.

    Attributes:
        studio_lifecycle_config_name: Its name.
        studio_lifecycle_config_arn: Its ARN.
        app_type: The apps that it is for.
    """

    studio_lifecycle_config_name: str
    studio_lifecycle_config_arn: str
    app_type: StudioAppType


class _ImportedStudioLifecycleConfig(StudioLifecycleConfigBase):
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        name: str,
        app_type: StudioAppType,
    ) -> None:
        super().__init__(scope, id)
        self.studio_lifecycle_config_name = name
        self.studio_lifecycle_config_arn = stack_of(self).format_arn(
            service="sagemaker",
            resource="studio-lifecycle-config",
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self.app_type = app_type


class StudioLifecycleConfig(StudioLifecycleConfigBase):
    """A shell script that runs when an app starts, for at most five minutes.

    A script that fails, fails the start of the app; its output is in the log group `/aws/sagemaker/studio`. SageMaker
    cannot change a script or its tags: another configuration replaces this one. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-lifecycle-configurations.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        script: str,
        app_type: StudioAppType = StudioAppType.JUPYTER_LAB,
        studio_lifecycle_config_name: str | None = None,
    ) -> None:
        """Declares the configuration.

        Args:
            scope: Where it stands.
            id: Its name there.
            script: At most 16,384 characters once encoded in base64, that is 12,288 bytes.
            app_type: Which apps it is for; it can be given to no others.
            studio_lifecycle_config_name: Left out, one is made that changes with the script and the tags. If one is
                given, another script needs another name.

        Raises:
            InvalidProps: The script is empty or too long, or the name is none that SageMaker allows.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "StudioLifecycleConfig")
        check_script(problems, "script", script)
        check_given_name(
            problems, "studio_lifecycle_config_name", "StudioLifecycleConfigName", studio_lifecycle_config_name
        )
        problems.raise_any()
        self.app_type = app_type
        self._script = script
        resource = sagemaker.CfnStudioLifecycleConfig(
            self,
            "Resource",
            studio_lifecycle_config_app_type=app_type.value,
            studio_lifecycle_config_content=Fn.base64(script),
            studio_lifecycle_config_name=Lazy.string(_ChangingName(self))
            if studio_lifecycle_config_name is None
            else studio_lifecycle_config_name,
        )
        self._resource = resource
        self.studio_lifecycle_config_name = resource.ref
        self.studio_lifecycle_config_arn = resource.attr_studio_lifecycle_config_arn

    @staticmethod
    @check_props
    def from_studio_lifecycle_config_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        studio_lifecycle_config_name: str,
        *,
        app_type: StudioAppType = StudioAppType.JUPYTER_LAB,
    ) -> StudioLifecycleConfigBase:
        """A configuration that exists in the account and region of the stack.

        Args:
            scope: Where it stands.
            id: Its name there.
            studio_lifecycle_config_name: Its name.
            app_type: The apps that it is for.
        """
        return _ImportedStudioLifecycleConfig(scope, id, studio_lifecycle_config_name, app_type)

    def name_of_content(self) -> str:
        """A name that no configuration of another script, for other apps or with other tags has."""
        stack = stack_of(self)
        content = stack.resolve([self._script, self.app_type.value, self._resource.cdk_tag_manager.tag_values()])
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_HASH_LENGTH]
        # SageMaker writes the names in lower case.
        return f"{own_name(self, longest=LONGEST_NAME - _HASH_LENGTH - 1).lower()}-{digest}"


@jsii.implements(IStableStringProducer)
class _ChangingName:
    """The name of a configuration; the CDK asks for it once all aspects have run, and by then the tags are known."""

    def __init__(self, config: StudioLifecycleConfig) -> None:
        self._config = config

    def produce(self) -> str:
        return self._config.name_of_content()
