"""The domains of Studio that stand somewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.section import Section


@dataclass(frozen=True)
class StudioDomainState:
    """A domain.

    Attributes:
        name: Its id, by which the API calls it.
        region: Where it is.
        domain_name: What people call it.
        status: Such as `InService`.
        network: How its apps reach the network, such as `VpcOnly`.
    """

    name: str
    region: str
    domain_name: str
    status: str
    network: str


def _state(name: str, region: str, domain: Mapping[str, Any]) -> StudioDomainState:
    return StudioDomainState(name, region, domain["DomainName"], domain["Status"], domain["AppNetworkAccessType"])


STUDIO_DOMAINS: Final = Section(
    key="studio_domains",
    resource_type="AWS::SageMaker::Domain",
    api=Api("Domain", "domain", "Domains", key="DomainId"),
    state=_state,
    columns=("Studio domain", "Name", "Status", "Network"),
    row=lambda domain: (domain.name, domain.domain_name, domain.status, domain.network),
)
