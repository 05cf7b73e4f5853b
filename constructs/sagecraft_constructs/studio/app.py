"""How apps of a type start, in a domain, for one of its users or in a space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_catalog import InstanceUse

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .app_type import StudioAppType
from .image import StudioImageBase
from .lifecycle_config import StudioLifecycleConfigBase

_SYSTEM: Final = "system"
_MOST_LIFECYCLE_CONFIGS: Final = 30
_MOST_IMAGES: Final = 200
_MOST_REPOSITORIES: Final = 10
_SETTINGS: Final = {
    StudioAppType.JUPYTER_LAB: "jupyterLabAppSettings",
    StudioAppType.CODE_EDITOR: "codeEditorAppSettings",
    StudioAppType.JUPYTER_SERVER: "jupyterServerAppSettings",
    StudioAppType.KERNEL_GATEWAY: "kernelGatewayAppSettings",
}
"""The member of settings that is about each type of app."""
STOPPED_WHEN_IDLE: Final = ("jupyterLabAppSettings", "codeEditorAppSettings")
"""The members that are about apps which SageMaker stops when nobody works."""


@check_props
@dataclass(frozen=True, kw_only=True)
class StudioApp:
    """How apps of a type start, unless whoever starts one says otherwise.

    Attributes:
        instance_type: Left out, that of the domain, and there SageMaker's own choice, `ml.t3.medium`.
        lifecycle_configs: Which may be chosen from; the first one runs where none is chosen. Left out, none.
        images: Images of one's own that may be chosen from. Left out, SageMaker's own alone.
        code_repositories: The `https://` URLs of Git repositories that JupyterLab offers to clone. Left out, none.
    """

    instance_type: InstanceType | None = None
    lifecycle_configs: Sequence[StudioLifecycleConfigBase] = ()
    images: Sequence[StudioImageBase] = ()
    code_repositories: Sequence[str] = ()

    def check(self, problems: Problems, app_type: StudioAppType) -> None:
        """Notes what apps of a type cannot start with."""
        if self.instance_type is not None:
            check_instance_type(problems, app_type, self.instance_type)
        for prop, given in (("lifecycle_configs", self.lifecycle_configs), ("images", self.images)):
            for each in given:
                if each.app_type is not app_type:
                    problems.add(prop, f"'{each.node.path}' is for {each.app_type} apps; give one for {app_type}.")
        _check_number(problems, "lifecycle_configs", self.lifecycle_configs, _MOST_LIFECYCLE_CONFIGS)
        _check_number(problems, "images", self.images, _MOST_IMAGES)
        _check_number(problems, "code_repositories", self.code_repositories, _MOST_REPOSITORIES)
        if self.images and app_type is StudioAppType.JUPYTER_SERVER:
            problems.add("images", "JupyterServer apps run SageMaker's own image alone; leave them out.")
        if self.code_repositories and app_type is not StudioAppType.JUPYTER_LAB:
            problems.add("code_repositories", f"JupyterLab alone offers them, and not {app_type}; leave them out.")
        if not is_token(self.code_repositories):
            for url in self.code_repositories:
                if not is_token(url) and not url.startswith("https://"):
                    problems.add("code_repositories", f"'{url}' is no https:// URL of a Git repository.")

    def settings(self) -> dict[str, Any]:
        """CloudFormation's settings for apps of the type, by the names that the CDK's own interfaces have."""
        first = self.lifecycle_configs[0].studio_lifecycle_config_arn if self.lifecycle_configs else None
        resources = present(
            instanceType=None if self.instance_type is None else self.instance_type.name, lifecycleConfigArn=first
        )
        return present(
            defaultResourceSpec=resources or None,
            lifecycleConfigArns=[each.studio_lifecycle_config_arn for each in self.lifecycle_configs] or None,
            customImages=[_custom_image(each) for each in self.images] or None,
            codeRepositories=[{"repositoryUrl": url} for url in self.code_repositories] or None,
        )


def check_apps(problems: Problems, apps: Mapping[StudioAppType, StudioApp] | None) -> None:
    """Notes what is wrong with the apps of a domain or a user; goes no further where they are a token."""
    problems.require_known(apps=apps)
    for app_type, app in ({} if apps is None else apps).items():
        inside = problems.inside(f"apps[{app_type}]")
        inside.require_known(code_repositories=app.code_repositories)
        app.check(inside, app_type)


def check_instance_type(problems: Problems, app_type: StudioAppType, instance_type: InstanceType) -> None:
    """Notes a type of machine that apps of a type do not run on.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceSpec.html
    """
    name = instance_type.name
    if is_token(name):
        return
    match app_type:
        case StudioAppType.JUPYTER_SERVER:
            if name != _SYSTEM:
                problems.add(
                    "instance_type", f"JupyterServer apps run on '{_SYSTEM}' alone, got '{name}'; leave it out."
                )
        case StudioAppType.KERNEL_GATEWAY if name == _SYSTEM:
            pass  # SageMaker takes it for ml.t3.medium.
        case _:
            with problems.noting("instance_type"):
                instance_type.check(InstanceUse.STUDIO)


def settings_member(app_type: StudioAppType) -> str:
    """The member of settings that is about apps of a type."""
    return _SETTINGS[app_type]


def app_settings(apps: Mapping[StudioAppType, StudioApp]) -> dict[str, dict[str, Any]]:
    """CloudFormation's settings for apps, by the members that hold them."""
    return {_SETTINGS[app_type]: app.settings() for app_type, app in apps.items()}


def _custom_image(image: StudioImageBase) -> dict[str, Any]:
    return present(
        imageName=image.image_name,
        appImageConfigName=image.app_image_config_name,
        imageVersionNumber=image.image_version_number,
    )


def _check_number(problems: Problems, prop: str, given: Sequence[object], most: int) -> None:
    if not is_token(given) and len(given) > most:
        problems.add(prop, f"at most {most} are allowed, got {len(given)}.")
