"""Names that constructs make up themselves: AWS takes them, and no two resources of an account and region share one."""

import re
from collections.abc import Callable, Iterator
from typing import cast

import pytest
import sagecraft_constructs
from aws_cdk import App, NestedStack, Stack
from constructs import Construct
from sagecraft_constructs import JobRealization
from sagecraft_constructs.job.job import Job

from .every_construct import EVERY_CONSTRUCT
from .stack import make_stack
from .template_checks import template_of

pytestmark = pytest.mark.slow
STUDIO = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
"""Names that CloudFormation does not make up for those who leave them out."""
ALLOWED = {
    "stack": r"[A-Za-z][A-Za-z0-9-]{0,127}",
    # 1,011 characters with the ARN before it, 15 levels.
    "AWS::SSM::Parameter.Name": r"(?=.{1,950}$)(/[A-Za-z0-9_.-]+){1,15}",
    "AWS::SSM::Parameter.Description": r".{0,1024}",
    "AWS::EC2::SecurityGroup.GroupDescription": r"[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]{0,255}",
    "AWS::EC2::SecurityGroupIngress.Description": r"[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]{0,255}",
    "AWS::KMS::Key.Description": r".{0,8192}",
    "AWS::IAM::ManagedPolicy.Description": r".{0,1000}",
    "AWS::IAM::Role.Description": r".{0,1000}",
    "AWS::Lambda::Function.Description": r".{0,256}",
    "AWS::Lambda::LayerVersion.Description": r".{0,256}",
    "AWS::CloudWatch::Alarm.AlarmDescription": r".{0,1024}",
    "AWS::SageMaker::ModelPackageGroup.ModelPackageGroupName": r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    "AWS::SageMaker::FeatureGroup.FeatureGroupName": r"[a-z0-9]([_-]*[a-z0-9]){0,63}",
    "AWS::CE::AnomalyMonitor.MonitorName": r".{0,1024}",
    "AWS::CE::AnomalySubscription.SubscriptionName": r".{0,1024}",
    "AWS::SageMaker::Pipeline.PipelineName": r"[a-z0-9](-*[a-z0-9]){0,255}",
    "AWS::Scheduler::Schedule.Description": r".{0,512}",
    "AWS::SageMaker::AppImageConfig.AppImageConfigName": STUDIO,
    "AWS::SageMaker::Domain.DomainName": STUDIO,
    "AWS::SageMaker::Image.ImageName": STUDIO,
    "AWS::SageMaker::ImageVersion.ImageName": STUDIO,
    "AWS::SageMaker::Space.SpaceName": STUDIO,
    "AWS::SageMaker::StudioLifecycleConfig.StudioLifecycleConfigName": STUDIO,
    "AWS::SageMaker::UserProfile.UserProfileName": STUDIO,
    "Custom::SageMakerStudioContents.SpaceName": STUDIO,
    "Custom::SageMakerStudioContents.UserProfileName": STUDIO,
    "NamePrefix": r"[a-z0-9](-*[a-z0-9]){0,48}",
}
"""What AWS takes, where constructs of ours say how something is called or described."""
SAID = (
    "DisplayName",
    "EventTimeFeatureName",
    "LogGroupName",
    "MetricName",
    "PolicyName",
    "RecordIdentifierFeatureName",
)
"""What identifies nothing, or, of a policy, nothing outside its role; log groups are SageMaker's, which names them."""
DEEP = 22


def below(stack: Stack, name: str) -> Construct:
    return Construct(stack, name)


def deep(stack: Stack, name: str) -> Construct:
    """A scope whose path has 200 characters and more levels than a parameter's name may have."""
    scope = Construct(stack, name)
    for level in range(DEEP):
        scope = Construct(scope, f"level-{level:03}")
    return scope


def nested(stack: Stack, name: str) -> Construct:
    return NestedStack(Construct(stack, name), "Group")


def odd(stack: Stack, name: str) -> Construct:
    """Scopes that differ in what names of AWS's cannot hold alone."""
    return Construct(stack, {"First": "My group", "Second": "My:group"}[name])


def names_of(app: App) -> Iterator[tuple[str, str]]:
    """What everything is called or described as that has words of its own, with the kind of word."""
    for stack in [each for each in app.node.find_all() if isinstance(each, Stack)]:
        if stack.nested_stack_parent is None:
            yield "stack", stack.stack_name
        for resource in template_of(stack)["Resources"].values():
            for name, value in resource.get("Properties", {}).items():
                if isinstance(value, str) and name not in SAID and re.search("Name(Prefix)?$|Description$", name):
                    yield name if name == "NamePrefix" else f"{resource['Type']}.{name}", value


def test_every_construct_is_among_these() -> None:
    public = [getattr(sagecraft_constructs, name) for name in sagecraft_constructs.__all__]
    declared = {each for each in public if isinstance(each, type) and issubclass(each, Construct)}
    assert {each for each in declared if not each.__name__.endswith("Base")} == set(EVERY_CONSTRUCT)


@pytest.mark.parametrize("place", [below, deep, nested, odd])
def test_names_that_are_made_up_are_unique_and_such_as_aws_takes(place: Callable[[Stack, str], Construct]) -> None:
    stack = make_stack("eu-west-1", "Money")
    for name in ("First", "Second"):
        scope = place(stack, name)
        for kind, needs in EVERY_CONSTRUCT.items():
            make = cast("Callable[..., Construct]", kind)
            make(scope, kind.__name__, **needs(scope))
            if issubclass(kind, Job):
                make(scope, f"{kind.__name__}ByHand", **needs(scope), realization=JobRealization.BY_HAND)
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    found = list(names_of(app))
    assert [each for each in found if re.fullmatch(ALLOWED[each[0]], each[1]) is None] == []
    called = [each for each in found if not each[0].endswith("Description")]
    assert len(set(called)) == len(called)
    studio = {kind for kind, pattern in ALLOWED.items() if pattern is STUDIO}
    others = {
        "stack",
        "NamePrefix",
        "AWS::SSM::Parameter.Name",
        "AWS::SageMaker::FeatureGroup.FeatureGroupName",
        "AWS::SageMaker::Pipeline.PipelineName",
    }
    anomalies = {"AWS::CE::AnomalyMonitor.MonitorName", "AWS::CE::AnomalySubscription.SubscriptionName"}
    assert {kind for kind, _ in called} == others | anomalies | studio
