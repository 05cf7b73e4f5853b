"""The code of a notebook instance, with its lifecycle configuration."""

import base64
from typing import TYPE_CHECKING, Any, Final

from sagecraft_infra.code import references
from sagecraft_infra.code.members import Members
from sagecraft_infra.code.module import Module, call, literal
from sagecraft_infra.noun.importable import Existing

if TYPE_CHECKING:
    from sagecraft_infra.target import Target

_DEFAULT_INSTANCE_TYPE: Final = "ml.t3.medium"
_DEFAULT_PLATFORM: Final = "notebook-al2023-v1"
_DEFAULT_VOLUME_GIB: Final = 5
_PLATFORMS: Final = {
    "notebook-al2-v2": "AMAZON_LINUX_2_JUPYTER_LAB_3",
    "notebook-al2-v3": "AMAZON_LINUX_2_JUPYTER_LAB_4",
    "notebook-al2023-v1": "AMAZON_LINUX_2023_JUPYTER_LAB_4",
}
"""Those that `PlatformIdentifier` names."""
_OWN_KEY: Final = "alias/aws/sagemaker"


def write(module: Module, target: "Target", region: str, existing: Existing) -> dict[str, dict[str, str]]:
    """Writes the code of a notebook instance and of its lifecycle configuration into a module.

    Returns:
        The identifiers of the resources, by the paths of their constructs.
    """
    shape = target.sagemaker(region).meta.service_model.operation_model("CreateNotebookInstance").input_shape
    told = dict(existing.description)
    # The two that a description calls otherwise than the request.
    told["SecurityGroupIds"] = told.pop("SecurityGroups", [])
    told["LifecycleConfigName"] = told.pop("NotebookInstanceLifecycleConfigName", None)
    members = Members(told, shape)
    members.take("NotebookInstanceName")
    changes: dict[str, Any] = {}
    removed: list[str] = []
    resources: dict[str, dict[str, str]] = {}
    instance_type = members.take("InstanceType")
    volume = members.take("VolumeSizeInGB", default=_DEFAULT_VOLUME_GIB)
    repositories = members.take("AdditionalCodeRepositories")
    repository = members.take("DefaultCodeRepository")
    if instance_type != _DEFAULT_INSTANCE_TYPE:
        module.ours("InstanceType")
    keywords: dict[str, str | None] = {
        "instance_type": None
        if instance_type == _DEFAULT_INSTANCE_TYPE
        else call("InstanceType.of", literal(instance_type)),
        "volume_gib": None if volume == _DEFAULT_VOLUME_GIB else literal(volume),
        "encryption_key": _key(module, members, removed),
        "platform_identifier": _platform(module, members, changes, removed),
        "lifecycle_config": _lifecycle_config(module, target, region, members, removed, resources),
        "default_code_repository": literal(repository) if repository else None,
        "additional_code_repositories": literal(repositories) if repositories else None,
        **_network(module, target, region, members),
        "root_access": "True" if members.take("RootAccess", default="Enabled") == "Enabled" else None,
        "role": references.role(module, existing.description["RoleArn"]),
        "notebook_instance_name": literal(existing.name),
    }
    members.take("RoleArn")
    version = members.take("InstanceMetadataServiceConfiguration", "MinimumInstanceMetadataServiceVersion")
    if version is None:
        removed.append("InstanceMetadataServiceConfiguration")
    elif version != "2":
        changes["InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion"] = version
    module.ours("NotebookInstance")
    variable = "notebook_instance"
    module.statement(f"{variable} = {call('NotebookInstance', 'self', literal('NotebookInstance'), **keywords)}")
    references.override(module, variable, changes, removed=removed)
    members.take_default("ipv4", "IpAddressType")
    references.not_expressed(module, members)
    references.tags(module, target, region, existing.arn, variable)
    resources["NotebookInstance/Resource"] = {"NotebookInstanceArn": existing.arn}
    return resources


def _key(module: Module, members: Members, removed: list[str]) -> str:
    identifier = members.take("KmsKeyId")
    if identifier:
        return references.key(module, identifier, "volume_key")
    module.comment(
        "SageMaker's own key encrypts the volume. The construct would make one, and with another key another instance "
        "replaces this one, without the files on its volume."
    )
    removed.append("KmsKeyId")
    return references.key(module, _OWN_KEY, "volume_key")


def _platform(module: Module, members: Members, changes: dict[str, Any], removed: list[str]) -> str | None:
    platform = members.take("PlatformIdentifier")
    if platform is None:
        removed.append("PlatformIdentifier")
    elif platform not in _PLATFORMS:
        changes["PlatformIdentifier"] = platform
    elif platform != _DEFAULT_PLATFORM:
        module.ours("PlatformIdentifier")
        return f"PlatformIdentifier.{_PLATFORMS[platform]}"
    return None


def _network(module: Module, target: "Target", region: str, members: Members) -> dict[str, str | None]:
    subnet_id = members.take("SubnetId")
    groups = members.take("SecurityGroupIds", default=[])
    internet = members.take("DirectInternetAccess", default="Enabled") == "Enabled"
    if subnet_id is None:
        return {}
    vpc, (subnet,), group_names = references.network(module, target, region, [subnet_id], groups)
    return {
        "vpc": vpc,
        "subnet": subnet,
        "security_groups": references.expressions(group_names),
        "direct_internet_access": "True" if internet else None,
    }


def _lifecycle_config(
    module: Module,
    target: "Target",
    region: str,
    members: Members,
    removed: list[str],
    resources: dict[str, dict[str, str]],
) -> str:
    name = members.take("LifecycleConfigName")
    module.ours("LifecycleConfig")
    if name is None:
        module.comment(
            "The instance has no lifecycle configuration. Leave 'lifecycle_config' and its override out, and it gets "
            "one that stops it when nobody works on it."
        )
        removed.append("LifecycleConfigName")
        made = call("LifecycleConfig.from_lifecycle_config_name", "self", "{id}", literal("none"))
        return module.variable("lifecycle_config", "none", "lifecycle_config", made)
    client = target.sagemaker(region)
    config: dict[str, Any] = {
        **client.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
    }
    scripts = {
        prop: module.constant(prop.upper(), script)
        for prop, member in (("on_create", "OnCreate"), ("on_start", "OnStart"))
        if (script := _script(config.get(member, [])))
    }
    made = call("LifecycleConfig", "self", "{id}", **scripts, lifecycle_config_name=literal(name))
    variable = module.variable("lifecycle_config", name, "lifecycle_config", made)
    arn = config["NotebookInstanceLifecycleConfigArn"]
    references.tags(module, target, region, arn, variable)
    resources["LifecycleConfig/Resource"] = {"NotebookInstanceLifecycleConfigArn": arn}
    return variable


def _script(hooks: list[dict[str, str]]) -> str:
    """The script of a lifecycle configuration; SageMaker allows one for each moment."""
    return "".join(base64.b64decode(hook["Content"]).decode() for hook in hooks)
