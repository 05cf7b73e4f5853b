"""Tags of what is realized by a custom resource, which CloudFormation does not tag by itself."""

import jsii
from aws_cdk import IResolvable, IStableAnyProducer, Lazy, TagManager


def request_tags(manager: TagManager) -> IResolvable:
    """The `Tags` member of a request: what `Tags.of` leaves with the manager, absent when there is none."""
    return Lazy.any(_Tags(manager))


@jsii.implements(IStableAnyProducer)
class _Tags:
    def __init__(self, manager: TagManager) -> None:
        self._manager = manager

    def produce(self) -> list[dict[str, str]] | None:
        """The tags as SageMaker's API takes them; the CDK asks for them once all aspects have run."""
        tags = self._manager.tag_values()
        return [{"Key": key, "Value": tags[key]} for key in sorted(tags)] or None
