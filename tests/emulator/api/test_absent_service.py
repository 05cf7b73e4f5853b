"""Services of AWS that are not here: refused at once, by their protocols, with the names of service and operation."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import Shape
from botocore.parsers import create_parser
from sagecraft_emulator.api.absent_service import Asked, refuse

from tests.emulator.conftest import RunningEmulator

FLOW = "arn:aws:sagemaker:us-east-1:000000000000:flow-definition/a"


@pytest.mark.parametrize(
    ("service", "operation", "request_members"),
    [
        ("application-autoscaling", "DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}),  # AWS JSON 1.1
        ("swf", "ListDomains", {"registrationStatus": "REGISTERED"}),  # AWS JSON 1.0
        ("glacier", "ListVaults", {}),  # REST JSON
        ("elasticbeanstalk", "DescribeApplications", {}),  # Query
        ("arc-region-switch", "ListPlans", {}),  # Smithy RPC v2 CBOR
        ("sagemaker-a2i-runtime", "DeleteHumanLoop", {"HumanLoopName": "a"}),
        ("sagemaker-a2i-runtime", "ListHumanLoops", {"FlowDefinitionArn": FLOW}),
        ("sagemaker-edge", "GetDeployments", {"DeviceName": "a", "DeviceFleetName": "b"}),
        ("sagemaker-geospatial", "ListEarthObservationJobs", {}),
        ("sagemaker-runtime", "InvokeEndpointAsync", {"EndpointName": "a", "InputLocation": "s3://bucket/key"}),
    ],
)
def test_boto3_raises_an_error_that_names_both_and_does_not_try_again(
    emulator: RunningEmulator, service: str, operation: str, request_members: Mapping[str, Any]
) -> None:
    client = emulator.client(service)
    title = client.meta.service_model.metadata["serviceFullName"]
    with pytest.raises(ClientError) as raised:
        client._make_api_call(operation, dict(request_members))
    answer = raised.value.response
    told = {name: answer["Error"].get(name) for name in ("Code", "Message")}
    assert told == {
        "Code": "NotImplemented",
        "Message": f"The operation '{operation}' of {title} ({service}) is not done by this emulator.",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize(
    ("protocol", "signing_name", "asked", "message"),
    [
        (
            "ec2",
            "ec2",
            Asked("POST", "/", "", {"content-type": "application/x-www-form-urlencoded"}, b"Action=RunInstances"),
            "The operation 'RunInstances' of Amazon Elastic Compute Cloud (ec2) is not done by this emulator.",
        ),
        (
            "rest-xml",
            "cloudfront",
            Asked("GET", "/2020-05-31/distribution/E1", "", {}, b""),
            "The operation 'GetDistribution' of Amazon CloudFront (cloudfront) is not done by this emulator.",
        ),
        (
            "query",
            "cloudsearch",
            Asked("GET", "/", "Action=DescribeDomains&Version=2013-01-01", {}, b""),
            "The operation 'DescribeDomains' of Amazon CloudSearch (cloudsearch) is not done by this emulator.",
        ),
        (
            "rest-json",
            "sagemaker",
            Asked("GET", "/no/such/path", "", {}, b""),
            "The service Amazon SageMaker Service (sagemaker) is not done by this emulator.",
        ),
        (
            "json",
            "no-service",
            Asked("POST", "/", "", {"x-amz-target": "None.Do"}, b"{}"),
            "The operation 'Do' of no-service is not done by this emulator.",
        ),
    ],
)
def test_a_refusal_is_read_by_the_parser_of_its_protocol(
    protocol: str, signing_name: str, asked: Asked, message: str
) -> None:
    refused = refuse(signing_name, asked)
    given = {"status_code": refused.status, "headers": refused.headers, "body": refused.body}
    error = create_parser(protocol).parse(given, Shape("None", {"type": "structure"}))["Error"]
    assert (error["Code"], error["Message"]) == ("NotImplemented", message)
