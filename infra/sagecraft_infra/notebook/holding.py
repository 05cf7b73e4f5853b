"""What the notebook instances of a region take of quotas."""

from collections.abc import Iterator
from typing import Any, Final

from sagecraft_catalog.quota.demand import Demands, known_request, notebook_instance, one_of

from sagecraft_infra.noun.holder import Holder

_WITHOUT_INSTANCE: Final = frozenset({"Stopped", "Failed", "Deleting"})


def _held(client: Any) -> Iterator[tuple[str, Demands]]:
    for page in client.get_paginator("list_notebook_instances").paginate():
        for each in page["NotebookInstances"]:
            runs = each["NotebookInstanceStatus"] not in _WITHOUT_INSTANCE
            instance = notebook_instance(known_request(each)) if runs else ()
            yield each["NotebookInstanceName"], (*instance, *one_of("Total number of notebook instances"))


NOTEBOOK_INSTANCES_HELD: Final = Holder(resource_type="AWS::SageMaker::NotebookInstance", held=_held)
