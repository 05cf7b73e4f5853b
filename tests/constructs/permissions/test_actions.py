"""What constructs allow of SageMaker, against AWS's service authorization reference."""

import json
import re
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from sagecraft_constructs import Endpoint, FeatureGroup, NotebookInstance, Space, StudioDomain, TrainingJob, UserProfile

from tests.constructs.every_construct import EVERY_CONSTRUCT
from tests.constructs.stack import make_stack, resources
from tests.sagemaker_reference import RESOURCE_TYPES, STUDIO_RESOURCE_TYPES, TAGGING

BY_REFERENCE = {
    '"Ref": "Endpoint': "endpoint",
    '"Ref": "NotebookInstance': "notebook-instance",
    '"Ref": "TeamEnvironmentPeopleadaNotebook': "notebook-instance",
    '"DomainArn"]': "domain",
    '"UserProfileArn"]': "user-profile",
    '"*"': "",
}
"""What templates say instead of an ARN in which the type could be read."""


def allowed(stack: Stack) -> list[tuple[str, str]]:
    """The actions of SageMaker that policies of a stack allow, each with the type of what it is allowed on.

    Where a statement allows several actions on several types, each action is on those that it is authorized by.
    """
    found: list[tuple[str, str]] = []
    for policy in resources(stack, "AWS::IAM::Policy"):
        for each in policy["PolicyDocument"]["Statement"]:
            actions: Any = each["Action"] if isinstance(each["Action"], list) else [each["Action"]]
            on = json.dumps(each["Resource"])
            named = re.findall(r":([a-z-]+)/", on)
            kind = next((of for said, of in BY_REFERENCE.items() if said in on), None)
            told = named[0] if named else on if kind is None else kind
            found += [
                (name, next((of for of in named if of in RESOURCE_TYPES.get(name, ())), told))
                for name in (action.partition(":")[2] for action in actions if action.startswith("sagemaker:"))
            ]
    return found


def is_authorized_by(action: str, resource_type: str) -> bool:
    types = {**RESOURCE_TYPES, **STUDIO_RESOURCE_TYPES}.get(action, frozenset({"unknown"}))
    return action in TAGGING or resource_type in (types or {""})


def test_what_is_allowed_of_sagemaker_is_an_action_on_a_resource_that_it_is_authorized_by() -> None:
    stack = make_stack()
    made: dict[Any, Any] = {kind: kind(stack, kind.__name__, **needs(stack)) for kind, needs in EVERY_CONSTRUCT.items()}
    caller = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    made[Endpoint].grant_invoke(caller)
    made[TrainingJob].grant_describe(caller)
    made[FeatureGroup].grant_put_records(caller)
    made[FeatureGroup].grant_read_records(caller)
    made[FeatureGroup].grant_read_offline(caller)
    made[NotebookInstance].grant_open(caller)
    made[NotebookInstance].grant_start(caller)
    made[NotebookInstance].grant_stop(caller)
    made[StudioDomain].grant_open(caller)
    made[StudioDomain].grant_manage_apps(caller)
    made[UserProfile].grant_open(caller)
    made[Space].grant_run_app(caller)
    found = allowed(stack)
    assert len({action for action, _ in found}) >= 30
    # The name of a job that the deployment runs is a result of it.
    assert [each for each in found if not is_authorized_by(*each) and each[0] != "DescribeTrainingJob"] == []
