"""What the domains, users, spaces and apps of a region take of quotas."""

from collections.abc import Iterator
from typing import Any, Final

from sagecraft_catalog.quota.demand import Demands, app, known_request, one_of

from sagecraft_infra.noun.holder import Holder

_RUNNING: Final = frozenset({"Pending", "InService"})


def _counted(resource_type: str, operation: str, listed: str, name: str, quota: str) -> Holder:
    """Resources of which each is one of what a quota counts."""

    def held(client: Any) -> Iterator[tuple[str, Demands]]:
        for page in client.get_paginator(operation).paginate():
            for each in page[listed]:
                yield each[name], one_of(quota)

    return Holder(resource_type=resource_type, held=held)


def _apps(client: Any) -> Iterator[tuple[str, Demands]]:
    for page in client.get_paginator("list_apps").paginate():
        for each in page["Apps"]:
            if each["Status"] in _RUNNING:
                yield each["AppName"], app(known_request(each))


STUDIO_HELD: Final = (
    _counted("AWS::SageMaker::Domain", "list_domains", "Domains", "DomainId", "Total domains"),
    _counted(
        "AWS::SageMaker::UserProfile",
        "list_user_profiles",
        "UserProfiles",
        "UserProfileName",
        "Maximum number of Studio user profiles allowed per account",
    ),
    _counted(
        "AWS::SageMaker::Space",
        "list_spaces",
        "Spaces",
        "SpaceName",
        "Maximum number of Studio spaces allowed per account",
    ),
    Holder(resource_type="AWS::SageMaker::App", held=_apps),
)
