"""An image of one's own that apps of Studio start from."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from aws_cdk import ArnFormat
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from sagecraft_constructs import permissions
from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .app_type import StudioAppType
from .name import check_given_name, own_name

_MOST_ARGUMENTS: Final = 50
_MOST_VARIABLES: Final = 25


class StudioImageBase(Construct):
    """An image for apps of Studio, declared here or existing.

    Attributes:
        image_name: Its name.
        image_arn: Its ARN.
        image_version_number: Which of its versions apps start from; `None` is the newest.
        app_image_config_name: The name of the configuration that says how an app runs it.
        app_type: The apps that it is for.
    """

    image_name: str
    image_arn: str
    image_version_number: int | None
    app_image_config_name: str
    app_type: StudioAppType


class _ImportedStudioImage(StudioImageBase):
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        image_name: str,
        app_image_config_name: str,
        image_version_number: int | None,
        app_type: StudioAppType,
    ) -> None:
        super().__init__(scope, id)
        self.image_name = image_name
        self.image_arn = stack_of(self).format_arn(
            service="sagemaker",
            resource="image",
            resource_name=image_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self.image_version_number = image_version_number
        self.app_image_config_name = app_image_config_name
        self.app_type = app_type


class StudioImage(StudioImageBase):
    """A container image for apps of one type: SageMaker's image, a version of it, and how an app runs it.

    Another container image is another version; apps that run keep theirs. `Tags.of` reaches the image and its
    configuration.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-byoi.html

    Attributes:
        image_version_arn: The ARN of the version.
        role: SageMaker reads the container image as this role.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        container: TrainingContainer,
        app_type: StudioAppType = StudioAppType.JUPYTER_LAB,
        kernel_name: str | None = None,
        entry_point: str | None = None,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        aliases: Sequence[str] = (),
        display_name: str | None = None,
        description: str | None = None,
        role: iam.IRole | None = None,
        image_name: str | None = None,
    ) -> None:
        """Declares the image.

        Args:
            scope: Where it stands.
            id: Its name there.
            container: The container image, in ECR: `TrainingContainer.from_dockerfile`, `from_ecr` or
                `from_image_uri`. It listens as the app's type demands.
            app_type: Which apps it is for.
            kernel_name: The kernel in the image that the app shows; a `KERNEL_GATEWAY` image needs one, others have
                none.
            entry_point: What the container runs. Left out, the image's own entry point.
            arguments: Of the entry point. Left out, the image's own.
            environment: Environment variables of the container. Left out, none are set.
            aliases: By which the version can be asked for, such as `2.1.0`. Left out, it has none.
            display_name: What people see. Left out, the name.
            description: Left out, there is none.
            role: Left out, an `ExecutionRole` is made. Either may pull the container image.
            image_name: Left out, one is made from where the construct stands.

        Raises:
            CatalogError: AWS publishes no such image in the region.
            InvalidProps: With every problem: a name or a number of things that SageMaker does not take, or what apps of
                the type have not.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "StudioImage")
        problems.require_known(environment=environment)
        check_given_name(problems, "image_name", "ImageName", image_name)
        _check_kind(problems, app_type, kernel_name, entry_point, arguments, environment)
        problems.raise_any()
        image = container.bind(self, "training")
        self.role = execution_role(self, role)
        permissions.allow_pull(self.role, image.repository_arn)
        # SageMaker writes the names in lower case.
        made_name = own_name(self).lower()
        resource = sagemaker.CfnImage(
            self,
            "Resource",
            image_name=made_name if image_name is None else image_name,
            image_role_arn=self.role.role_arn,
            image_display_name=display_name,
            image_description=description,
        )
        resource.node.add_dependency(self.role)
        version = sagemaker.CfnImageVersion(
            self,
            "Version",
            image_name=resource.image_name,
            base_image=image.uri,
            aliases=list(aliases) or None,
        )
        version.node.add_dependency(resource)
        config = sagemaker.CfnAppImageConfig(
            self,
            "Config",
            app_image_config_name=made_name,
            **_config(app_type, kernel_name, entry_point, arguments, environment),
        )
        self.image_name = resource.image_name
        self.image_arn = resource.attr_image_arn
        self.image_version_arn = version.attr_image_version_arn
        self.image_version_number = cast("int", version.attr_version)
        self.app_image_config_name = config.ref
        self.app_type = app_type

    @staticmethod
    @check_props
    def from_image_attributes(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        image_name: str,
        app_image_config_name: str,
        image_version_number: int | None = None,
        app_type: StudioAppType = StudioAppType.JUPYTER_LAB,
    ) -> StudioImageBase:
        """An image that exists in the account and region of the stack.

        Args:
            scope: Where it stands.
            id: Its name there.
            image_name: Its name.
            app_image_config_name: The name of its configuration.
            image_version_number: Which version. Left out, the newest.
            app_type: The apps that it is for.
        """
        return _ImportedStudioImage(
            scope,
            id,
            image_name=image_name,
            app_image_config_name=app_image_config_name,
            image_version_number=image_version_number,
            app_type=app_type,
        )


def _check_kind(
    problems: Problems,
    app_type: StudioAppType,
    kernel_name: str | None,
    entry_point: str | None,
    arguments: Sequence[str],
    environment: Mapping[str, str] | None,
) -> None:
    match app_type:
        case StudioAppType.JUPYTER_SERVER:
            problems.add("app_type", "JupyterServer apps run SageMaker's own image alone; give another type.")
        case StudioAppType.KERNEL_GATEWAY:
            if kernel_name is None:
                problems.add("kernel_name", "a KernelGateway image needs one; give the name that its kernel has there.")
            if entry_point is not None or arguments or environment:
                problems.add(
                    "entry_point",
                    "a KernelGateway image runs as it is: it takes no 'entry_point', 'arguments' or 'environment'.",
                )
        case StudioAppType.JUPYTER_LAB | StudioAppType.CODE_EDITOR:
            if kernel_name is not None:
                problems.add("kernel_name", f"a {app_type} image finds its kernels itself; leave it out.")
    if not is_token(arguments) and len(arguments) > _MOST_ARGUMENTS:
        problems.add("arguments", f"at most {_MOST_ARGUMENTS} are allowed, got {len(arguments)}.")
    if environment is not None and len(environment) > _MOST_VARIABLES:
        problems.add("environment", f"at most {_MOST_VARIABLES} variables are allowed, got {len(environment)}.")


def _config(
    app_type: StudioAppType,
    kernel_name: str | None,
    entry_point: str | None,
    arguments: Sequence[str],
    environment: Mapping[str, str] | None,
) -> dict[str, Any]:
    if kernel_name is not None:
        return {"kernel_gateway_image_config": {"kernelSpecs": [{"name": kernel_name}]}}
    container = present(
        containerEntrypoint=None if entry_point is None else [entry_point],
        containerArguments=list(arguments) or None,
        containerEnvironmentVariables=None
        if environment is None
        else [{"key": name, "value": value} for name, value in environment.items()],
    )
    member = {
        StudioAppType.JUPYTER_LAB: "jupyter_lab_app_image_config",
        StudioAppType.CODE_EDITOR: "code_editor_app_image_config",
    }[app_type]
    return {member: {"containerConfig": container} if container else {}}
