"""The stack, deployed to an emulator: it trains, and the endpoint answers."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_cdk import Stack

from sagecraft_project.features import features, read_passengers, split, typical_age

from .conftest import MakeStack


def test_the_endpoint_knows_who_survives(
    make_stack: MakeStack,
    sagecraft_deploy: Callable[[Stack], Mapping[str, str]],
    sagemaker_runtime_client: Any,
) -> None:
    outputs = sagecraft_deploy(make_stack("dev"))
    assert float(outputs["ValidationAuc"]) > 0.8

    train, unseen = split(read_passengers())
    age = typical_age(train)
    rows = "\n".join(",".join(str(value) for value in features(each, age)) for each in unseen)
    response = sagemaker_runtime_client.invoke_endpoint(
        EndpointName=outputs["EndpointName"], ContentType="text/csv", Body=rows
    )
    # AWS's container separates the answers by commas or line ends, by its version.
    answers = [float(answer) for answer in response["Body"].read().decode().replace(",", "\n").split()]

    right = sum((answer > 0.5) == (each["Survived"] == "1") for answer, each in zip(answers, unseen, strict=True))
    assert right / len(unseen) > 0.75
