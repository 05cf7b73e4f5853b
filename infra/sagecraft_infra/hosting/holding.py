"""What the endpoints of a region take of quotas."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from sagecraft_catalog.charge.span import Span
from sagecraft_catalog.quota.demand import Demands, known_request, variants

from sagecraft_infra.noun.holder import Holder

from .standing import API

_TAKE_NOTHING: Final = frozenset({"Failed", "Deleting"})


def _held(client: Any) -> Iterator[tuple[str, Demands]]:
    from sagecraft_infra.target.missing import found  # noqa: PLC0415 - it loads boto3, which a noun does without

    for name in API.names(client):
        endpoint = found(partial(API.describe, client, name))
        if endpoint is None or endpoint["EndpointStatus"] in _TAKE_NOTHING:
            continue
        config = found(
            partial(client.describe_endpoint_config, EndpointConfigName=endpoint.get("EndpointConfigName", ""))
        )
        counts = {
            each["VariantName"]: each.get("CurrentInstanceCount") for each in endpoint.get("ProductionVariants", [])
        }
        listed = [] if config is None else known_request(config).get("ProductionVariants").members()
        asked = [
            (each, counts.get(each.get("VariantName").text()) or int(each.get("InitialInstanceCount").span(_ONE).low))
            for each in listed
        ]
        yield name, variants((each, Span.of(count)) for each, count in asked)


_ONE: Final = Span.of(1)
ENDPOINTS_HELD: Final = Holder(resource_type="AWS::SageMaker::Endpoint", held=_held)
