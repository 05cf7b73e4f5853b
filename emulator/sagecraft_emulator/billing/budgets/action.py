"""What a budget does by itself: a policy for roles, users and groups, or an end of EC2 instances.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-controls.html
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.errors import ApiError, not_done
from sagecraft_emulator.state.states import CREATED, States

KIND: Final = "BudgetAction"
STATES: Final = States(
    {
        CREATED: {"STANDBY"},
        "STANDBY": {"PENDING", "EXECUTION_IN_PROGRESS"},
        "PENDING": {"EXECUTION_IN_PROGRESS", "STANDBY"},
        "EXECUTION_IN_PROGRESS": {"EXECUTION_SUCCESS", "EXECUTION_FAILURE"},
        "EXECUTION_SUCCESS": {"REVERSE_IN_PROGRESS", "STANDBY"},
        "EXECUTION_FAILURE": {"EXECUTION_IN_PROGRESS", "STANDBY"},
        "REVERSE_IN_PROGRESS": {"REVERSE_SUCCESS", "REVERSE_FAILURE"},
        "REVERSE_SUCCESS": {"STANDBY"},
        "REVERSE_FAILURE": {"REVERSE_IN_PROGRESS", "STANDBY"},
    }
)
"""Source: `ActionStatus` and `ExecutionType` in the service model of Budgets."""
IAM, SCP, SSM = "APPLY_IAM_POLICY", "APPLY_SCP_POLICY", "RUN_SSM_DOCUMENTS"
_DEFINITIONS: Final = {IAM: "IamActionDefinition", SCP: "ScpActionDefinition", SSM: "SsmActionDefinition"}
_TARGETS: Final = ("Roles", "Users", "Groups")
_MOST_SUBSCRIBERS: Final = 11
_EC2: Final = "STOP_EC2_INSTANCES"


def check(action: Mapping[str, Any]) -> None:
    """Passes an action that can be done.

    Raises:
        ApiError: It contradicts itself, or is not done here.
    """
    given, wanted = list(action["Definition"]), _DEFINITIONS[action["ActionType"]]
    if given != [wanted]:
        raise invalid(f"Definition of an action {action['ActionType']} must be its {wanted} alone, got {given}.")
    if not 1 <= len(action["Subscribers"]) <= _MOST_SUBSCRIBERS:
        raise invalid(f"Subscribers must be from 1 to {_MOST_SUBSCRIBERS}, got {len(action['Subscribers'])}.")
    definition = action["Definition"][wanted]
    match action["ActionType"]:
        case "APPLY_IAM_POLICY":
            if not any(definition.get(each) for each in _TARGETS):
                raise invalid(f"IamActionDefinition must name at least one of {', '.join(_TARGETS)}.")
        case "RUN_SSM_DOCUMENTS" if definition["ActionSubType"] == _EC2:
            pass
        case _:
            raise not_done(
                f"Actions {action['ActionType']} {definition.get('ActionSubType', '')} are not done by this emulator: "
                f"give {IAM}, or {SSM} with {_EC2}."
            )


def invalid(message: str) -> ApiError:
    """What Budgets answers to a wrong request."""
    return ApiError("InvalidParameterException", message)


def execute(action: Mapping[str, Any], clients: Clients, account: str) -> None:
    """Does what an action says.

    Raises:
        ClientError: The role of the action may not do that, or what it names is not there.
    """
    for step, _ in _steps(action, clients, account):
        step()


def reverse(action: Mapping[str, Any], clients: Clients, account: str) -> None:
    """Takes back what an action did.

    Raises:
        ClientError: As `execute` says.
    """
    for _, step in _steps(action, clients, account):
        step()


def _steps(
    action: Mapping[str, Any], clients: Clients, account: str
) -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """What is to be done, and what takes it back, one after the other."""
    definition = action["Definition"][_DEFINITIONS[action["ActionType"]]]
    if action["ActionType"] == SSM:
        ec2, ids = clients.ec2(account, definition["Region"]), definition["InstanceIds"]
        yield partial(ec2.stop_instances, InstanceIds=ids), partial(ec2.start_instances, InstanceIds=ids)
        return
    iam: Any = clients.iam(account)
    for kind in ("Role", "User", "Group"):
        for name in definition.get(f"{kind}s", []):
            what = {f"{kind}Name": name, "PolicyArn": definition["PolicyArn"]}
            attach, detach = (getattr(iam, f"{verb}_{kind.lower()}_policy") for verb in ("attach", "detach"))
            yield partial(attach, **what), partial(detach, **what)
