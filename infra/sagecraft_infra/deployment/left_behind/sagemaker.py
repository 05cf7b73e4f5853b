"""What SageMaker has beside the stacks: what costs by the hour first, and what is left behind it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from sagecraft_catalog.price.row import Component

from sagecraft_infra.hosting.standing import API as ENDPOINT_API
from sagecraft_infra.target.missing import found

from .leftover import FREE, Bill, Leftover, option_of
from .place import Place

_STOPPED: Final = frozenset({"Stopped", "Failed", "Deleting"})
_RUNNING_APPS: Final = frozenset({"Pending", "InService"})
_AWS: Final = "aws sagemaker"


def endpoints(place: Place) -> Iterator[Leftover]:
    """Endpoints, each with the instances of its variants."""
    client = place.sagemaker
    for name in ENDPOINT_API.names(client):
        why = place.why(name)
        endpoint = None if why is None else found(partial(ENDPOINT_API.describe, client, name))
        if why is None or endpoint is None or endpoint["EndpointStatus"] == "Deleting":
            continue
        yield place.leftover(
            "endpoint",
            name,
            why,
            _instances(place, endpoint),
            f"{_AWS} delete-endpoint --endpoint-name {name}",
            partial(_delete_endpoint, client, name),
        )


def _instances(place: Place, endpoint: Mapping[str, Any]) -> Bill:
    named = endpoint.get("EndpointConfigName", "")
    config = found(partial(place.sagemaker.describe_endpoint_config, EndpointConfigName=named))
    bill = FREE
    if config is None:
        return Bill(None, f"its configuration '{named}' is gone, which says of which type its instances are")
    for variant in config["ProductionVariants"]:
        if "InstanceType" in variant:
            count = variant.get("InitialInstanceCount", 1)
            each = place.prices.standing(Component.HOSTING, variant["InstanceType"], count)
            bill = each if bill is FREE else bill.plus(each)
    return bill


def _delete_endpoint(client: Any, name: str) -> None:
    client.delete_endpoint(EndpointName=name)
    client.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 600})


def notebook_instances(place: Place) -> Iterator[Leftover]:
    """Notebook instances: the instance while it runs, and the volume always."""
    client = place.sagemaker
    for page in client.get_paginator("list_notebook_instances").paginate():
        for each in page["NotebookInstances"]:
            name = each["NotebookInstanceName"]
            why = place.why(name)
            if why is None:
                continue
            described = client.describe_notebook_instance(NotebookInstanceName=name)
            bill = place.prices.standing(Component.STORAGE, "notebook", described.get("VolumeSizeInGB", 5))
            if each["NotebookInstanceStatus"] not in _STOPPED:
                bill = place.prices.standing(Component.NOTEBOOK, each["InstanceType"]).plus(bill)
            named = f"--notebook-instance-name {name}"
            command = f"{_AWS} delete-notebook-instance {named}"
            if each["NotebookInstanceStatus"] not in _STOPPED:
                before = (f"{_AWS} stop-notebook-instance {named}", f"{_AWS} wait notebook-instance-stopped {named}")
                command = " && ".join([*(f"{step} --region {place.region}" for step in before), command])
            yield place.leftover("notebook instance", name, why, bill, command, partial(_delete_notebook, client, name))


def _delete_notebook(client: Any, name: str) -> None:
    waiting = {"NotebookInstanceName": name, "WaiterConfig": {"Delay": 1, "MaxAttempts": 600}}
    if client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"] not in _STOPPED:
        client.stop_notebook_instance(NotebookInstanceName=name)
        client.get_waiter("notebook_instance_stopped").wait(**waiting)
    client.delete_notebook_instance(NotebookInstanceName=name)
    client.get_waiter("notebook_instance_deleted").wait(**waiting)


def apps(place: Place) -> Iterator[Leftover]:
    """Apps of Studio, which somebody has opened."""
    client = place.sagemaker
    for page in client.get_paginator("list_apps").paginate():
        for each in page["Apps"]:
            domain = each["DomainId"]
            why = place.why(each["AppName"]) or place.why(domain)
            spec = each.get("ResourceSpec", {}).get("InstanceType", "system")
            if why is None or each["Status"] not in _RUNNING_APPS or spec == "system":
                continue
            owner = {name: each[name] for name in ("SpaceName", "UserProfileName") if name in each}
            asked = {"DomainId": domain, "AppType": each["AppType"], "AppName": each["AppName"], **owner}
            options = " ".join(f"--{option_of(name)} {value}" for name, value in asked.items())
            bill = place.prices.standing(Component.STUDIO, spec)
            remove = partial(client.delete_app, **asked)
            yield place.leftover("app of Studio", each["AppName"], why, bill, f"{_AWS} delete-app {options}", remove)


def endpoint_configs(place: Place) -> Iterator[Leftover]:
    """Endpoint configurations that no endpoint has."""
    client = place.sagemaker
    used = {
        described["EndpointConfigName"]
        for name in ENDPOINT_API.names(client)
        if (described := found(partial(ENDPOINT_API.describe, client, name))) is not None
        and "EndpointConfigName" in described
    }
    yield from _named(place, "endpoint_config", "EndpointConfigs", "EndpointConfigName", "endpoint configuration", used)


def models(place: Place) -> Iterator[Leftover]:
    """Models that no endpoint configuration has which an endpoint has."""
    client, used = place.sagemaker, set[str]()
    for name in ENDPOINT_API.names(client):
        described = found(partial(ENDPOINT_API.describe, client, name))
        named = "" if described is None else described.get("EndpointConfigName", "")
        config = found(partial(client.describe_endpoint_config, EndpointConfigName=named)) if named else None
        used |= {each.get("ModelName", "") for each in ([] if config is None else config["ProductionVariants"])}
    yield from _named(place, "model", "Models", "ModelName", "model", used)


def lifecycle_configs(place: Place) -> Iterator[Leftover]:
    """Lifecycle configurations of notebook instances."""
    member = "NotebookInstanceLifecycleConfigName"
    listed = "NotebookInstanceLifecycleConfigs"
    yield from _named(place, "notebook_instance_lifecycle_config", listed, member, "lifecycle configuration", set())


def _named(place: Place, operation: str, listed: str, member: str, kind: str, used: set[str]) -> Iterator[Leftover]:
    """What is free by itself, and of a name alone."""
    client = place.sagemaker
    for page in client.get_paginator(f"list_{operation}s").paginate():
        for each in page[listed]:
            name = each[member]
            why = None if name in used else place.why(name)
            if why is None:
                continue
            command = f"{_AWS} delete-{operation.replace('_', '-')} --{option_of(member)} {name}"
            remove = partial(getattr(client, f"delete_{operation}"), **{member: name})
            yield place.leftover(kind, name, why, FREE, command, remove, order=1)
