"""The notebook instances that stand somewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.section import Section

API: Final = Api("NotebookInstance", "notebook_instance", "NotebookInstances")


@dataclass(frozen=True)
class NotebookInstanceState:
    """A notebook instance."""

    name: str
    region: str
    status: str
    instance_type: str


def _state(name: str, region: str, instance: Mapping[str, Any]) -> NotebookInstanceState:
    return NotebookInstanceState(name, region, instance["NotebookInstanceStatus"], instance["InstanceType"])


NOTEBOOK_INSTANCES: Final = Section(
    key="notebook_instances",
    resource_type="AWS::SageMaker::NotebookInstance",
    api=API,
    state=_state,
    columns=("Notebook instance", "Status", "Type"),
    row=lambda instance: (instance.name, instance.status, instance.instance_type),
)
