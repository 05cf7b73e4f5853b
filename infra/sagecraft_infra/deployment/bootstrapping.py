"""Bootstraps an emulator by the CDK CLI's own template: `cdk deploy` and `sagecraft up` go on from there."""

from typing import Final

from sagecraft_infra.errors import WorkFailed
from sagecraft_infra.inventory import BOOTSTRAP_STACK, StackState, stack_state
from sagecraft_infra.inventory.settled import DEPLOYED, settled_stack
from sagecraft_infra.target import Target
from sagecraft_infra.toolchain import bootstrap_template

DEFAULT_QUALIFIER: Final = "hnb659fds"
"""The CDK's, in the names of all that bootstrapping makes."""
VERSION_PARAMETER: Final = f"/cdk-bootstrap/{DEFAULT_QUALIFIER}/version"
"""In which an app looks for the version of the bootstrap stack, unless it has a qualifier of its own."""
_USABLE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
_SECONDS: Final = 300.0
_PARAMETERS: Final = {
    # Those that `cdk bootstrap` gives where it is told nothing.
    "CloudFormationExecutionPolicies": "arn:aws:iam::aws:policy/AdministratorAccess",
    "FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY",
}


def is_bootstrapped(target: Target, region: str) -> bool:
    """Whether the bootstrap stack of a region stands, so that it can be used."""
    present = stack_state(target, BOOTSTRAP_STACK, region)
    return present is not None and present.status in _USABLE


def bootstrap(target: Target, region: str, qualifier: str = DEFAULT_QUALIFIER) -> StackState:
    """Makes the bootstrap stack of a region, unless it stands.

    Args:
        target: The emulator, in the account.
        region: The region.
        qualifier: As the app's synthesizer has it.

    Raises:
        UserError: The CDK CLI is not installed.
        WorkFailed: The stack could not be made.
    """
    name = BOOTSTRAP_STACK if qualifier == DEFAULT_QUALIFIER else f"{BOOTSTRAP_STACK}-{qualifier}"
    if stack_state(target, name, region) is None:
        parameters = {**_PARAMETERS, "Qualifier": qualifier}
        target.cloudformation(region).create_stack(
            StackName=name,
            TemplateBody=bootstrap_template().read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    state = settled_stack(target, name, region, _SECONDS)
    if state.status not in DEPLOYED:
        raise WorkFailed(f"The bootstrap stack {name} of region {region} is {state.status}. Delete it and try again.")
    return state
