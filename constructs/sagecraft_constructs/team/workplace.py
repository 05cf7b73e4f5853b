"""Where somebody works: a notebook instance, or Studio, which know what the jobs of the team have to say."""

from collections.abc import Iterable, Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.network import Network
from sagecraft_constructs.notebook.instance import NotebookInstance
from sagecraft_constructs.notebook.lifecycle_config import LifecycleConfig
from sagecraft_constructs.studio.app import StudioApp
from sagecraft_constructs.studio.app_type import StudioAppType
from sagecraft_constructs.studio.domain import StudioDomain
from sagecraft_constructs.studio.lifecycle_config import StudioLifecycleConfig
from sagecraft_constructs.studio.user_profile import UserProfile

_SCRIPT: Final = """
d=@HOME@/.config/sagemaker
mkdir -p $d
cat >$d/config.yaml <<'END_OF_CONFIG'
@DEFAULTS@
END_OF_CONFIG
"""
_HOME: Final = "/home/ec2-user"
_OWNED: Final = f"chown -R ec2-user {_HOME}/.config || true\n"
"""Scripts of a notebook instance run as root."""


def notebook(
    scope: Construct,
    *,
    role: iam.IRole,
    vpc: ec2.IVpc,
    security_group: ec2.ISecurityGroup,
    encryption_key: kms.IKey,
    instance_type: InstanceType,
    volume_gib: int,
    idle_time: Duration,
    defaults: str,
) -> NotebookInstance:
    """A notebook instance that stops when nobody works, and whose SDK starts jobs as the team's rules ask for.

    Args:
        scope: Whose it is.
        role: That it acts as.
        vpc: The team's.
        security_group: The team's.
        encryption_key: Of its volume.
        instance_type: Its machine.
        volume_gib: The size of its volume.
        idle_time: After which it stops.
        defaults: The configuration of the SageMaker SDK, in YAML.
    """
    return NotebookInstance(
        scope,
        "Notebook",
        instance_type=instance_type,
        volume_gib=volume_gib,
        encryption_key=encryption_key,
        lifecycle_config=LifecycleConfig.idle_stop(
            scope, "Scripts", idle_time=idle_time, on_start=_script(_HOME, defaults) + _OWNED
        ),
        vpc=vpc,
        security_groups=[security_group],
        role=role,
    )


def user_profile(
    scope: Construct, *, role: iam.IRole, domain: StudioDomain, instance_type: InstanceType, defaults: str
) -> UserProfile:
    """A user of Studio, whose SDK starts jobs as the team's rules ask for.

    Args:
        scope: Whose it is.
        role: That they act as there.
        domain: The team's.
        instance_type: The machine of JupyterLab, unless they choose another one.
        defaults: The configuration of the SageMaker SDK, in YAML.
    """
    scripts = StudioLifecycleConfig(scope, "Scripts", script=_script("~", defaults))
    lab = StudioApp(instance_type=instance_type, lifecycle_configs=[scripts])
    return UserProfile(scope, "UserProfile", domain=domain, role=role, apps={StudioAppType.JUPYTER_LAB: lab})


def _script(home: str, defaults: str) -> str:
    return _SCRIPT.replace("@HOME@", home).replace("@DEFAULTS@", defaults)


def sdk_defaults(role_arn: str, network: Network, tags: Mapping[str, str], bucket: str, prefix: str) -> str:
    """What the SageMaker SDK puts into requests that do not say it, as YAML: so scripts run in a team as they are.

    Source: https://sagemaker.readthedocs.io/en/v2/overview.html#configuring-and-using-defaults-with-the-sagemaker-python-sdk
    """
    tagged = ", ".join(f'{{Key: "{key}", Value: "{value}"}}' for key, value in tags.items())
    vpc = ", ".join(f"{member}: [{_quoted(ids)}]" for member, ids in network.vpc_config.items())
    # Written once and referred to by `*`: a script of a lifecycle configuration has little room.
    return f"""SchemaVersion: "1.0"
SageMaker:
  PythonSDK: {{Modules: {{Session: {{DefaultS3Bucket: "{bucket}", DefaultS3ObjectKeyPrefix: "{prefix}"}}}}}}
  TrainingJob: {{RoleArn: &role "{role_arn}", VpcConfig: &vpc {{{vpc}}}, Tags: &tags [{tagged}]}}
  ProcessingJob: {{RoleArn: *role, NetworkConfig: {{VpcConfig: *vpc}}, Tags: *tags}}
  Model: {{ExecutionRoleArn: *role, VpcConfig: *vpc, Tags: *tags}}
  TransformJob: {{Tags: *tags}}"""


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
