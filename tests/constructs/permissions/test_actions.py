"""What constructs allow of SageMaker, against AWS's service authorization reference."""

import json
import re
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from sagecraft_constructs import Endpoint, NotebookInstance, TrainingJob

from tests.constructs.every_construct import EVERY_CONSTRUCT
from tests.constructs.stack import make_stack, resources
from tests.sagemaker_reference import RESOURCE_TYPES, TAGGING


def allowed(stack: Stack) -> list[tuple[str, str]]:
    """The actions of SageMaker that policies of a stack allow, each with the type of what it is allowed on."""
    found: list[tuple[str, str]] = []
    types = {"AWS::SageMaker::Endpoint": "endpoint", "AWS::SageMaker::NotebookInstance": "notebook-instance"}
    for policy in resources(stack, "AWS::IAM::Policy"):
        for each in policy["PolicyDocument"]["Statement"]:
            actions: Any = each["Action"] if isinstance(each["Action"], list) else [each["Action"]]
            on = json.dumps(each["Resource"])
            named = re.search(r":([a-z-]+)/", on)
            kind = next((of for name, of in types.items() if f'"Ref": "{name.rpartition(":")[2]}' in on), None)
            found += [
                (action.partition(":")[2], kind or (named[1] if named else on))
                for action in actions
                if action.startswith("sagemaker:")
            ]
    return found


def test_what_is_allowed_of_sagemaker_is_an_action_on_a_resource_that_it_is_authorized_by() -> None:
    stack = make_stack()
    made = {kind: kind(stack, kind.__name__, **needs(stack)) for kind, needs in EVERY_CONSTRUCT.items()}
    caller = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    endpoint, job, notebook = made[Endpoint], made[TrainingJob], made[NotebookInstance]
    assert isinstance(endpoint, Endpoint)
    assert isinstance(job, TrainingJob)
    assert isinstance(notebook, NotebookInstance)
    endpoint.grant_invoke(caller)
    job.grant_describe(caller)
    notebook.grant_open(caller)
    notebook.grant_start(caller)
    notebook.grant_stop(caller)
    found = allowed(stack)
    assert len({action for action, _ in found}) >= 15
    wrong = [each for each in found if each[0] not in TAGGING and each[1] not in RESOURCE_TYPES.get(each[0], ())]
    # The name of a job that the deployment runs is a result of it.
    assert [each for each in wrong if each[0] != "DescribeTrainingJob"] == []
