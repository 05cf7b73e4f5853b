"""Tags of what is realized by a custom resource, which CloudFormation does not tag by itself."""

import jsii
from aws_cdk import IResolvable, IStableAnyProducer, Lazy, TagManager, TagType

from .kind import JobKind


@jsii.implements(IStableAnyProducer)
class _Tags:
    def __init__(self, manager: TagManager) -> None:
        self._manager = manager

    def produce(self) -> list[dict[str, str]] | None:
        """The tags as SageMaker's API takes them; the CDK asks for them once all aspects have run."""
        tags = self._manager.tag_values()
        return [{"Key": key, "Value": tags[key]} for key in sorted(tags)] or None


class TaggedJob:
    """What makes `Tags.of` reach a job: a mixin of constructs that implement `ITaggableV2`."""

    _tag_manager: TagManager

    def _take_tags(self, kind: JobKind) -> IResolvable:
        """The `Tags` member of a request: what `Tags.of` leaves with the manager, absent when there is none."""
        self._tag_manager = TagManager(TagType.STANDARD, kind.resource_type)
        return Lazy.any(_Tags(self._tag_manager))

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> TagManager:
        """Where `Tags.of` leaves the job's tags."""
        return self._tag_manager
