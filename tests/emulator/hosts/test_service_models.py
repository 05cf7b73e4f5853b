"""What a host knows of AWS's services: of most the protocol, and little is read for that."""

from __future__ import annotations

import botocore.session
import pytest
from sagecraft_emulator.api.model_files import read_metadata
from sagecraft_emulator.hosts.service_models import models, protocols


@pytest.mark.parametrize("service", ["iam", "logs", "s3", "sagemaker", "states", "kafka"])  # kafka's stands elsewhere
def test_the_protocol_of_a_service_is_what_its_model_says(service: str) -> None:
    name = {"states": "stepfunctions"}.get(service, service)
    protocol = protocols({"states": "stepfunctions"})(service)
    assert protocol is not None
    assert protocol.metadata == botocore.session.get_session().get_service_model(name).metadata


def test_a_service_that_aws_has_no_model_of_has_no_protocol() -> None:
    assert protocols({})("no-such-service") is None
    assert models({})("no-such-service") is None
    assert read_metadata("no-such-service") is None


def test_the_whole_model_of_a_service_is_there_for_who_asks_for_it() -> None:
    model = models({"states": "stepfunctions"})("states")
    assert model is not None
    assert "StartExecution" in model.operation_names
