"""The stack, deployed to an emulator."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_cdk import Stack

from .conftest import MakeStack


def test_the_people_are_in_the_domain_and_the_data_lies_where_the_stack_says(
    make_stack: MakeStack,
    sagecraft_deploy: Callable[[Stack], Mapping[str, str]],
    sagemaker_client: Any,
    s3_client: Any,
) -> None:
    outputs = sagecraft_deploy(make_stack("dev"))

    profiles = sagemaker_client.list_user_profiles(DomainIdEquals=outputs["DomainId"])["UserProfiles"]
    assert {each["UserProfileName"]: each["Status"] for each in profiles} == {"ann": "InService", "bob": "InService"}

    bucket, _, prefix = outputs["Data"].removeprefix("s3://").partition("/")
    header = s3_client.get_object(Bucket=bucket, Key=f"{prefix}titanic.csv")["Body"].readline()
    assert header.startswith(b"Survived,")
