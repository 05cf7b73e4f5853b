"""Service Quotas tells what the emulator keeps to, and grants what is asked for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog.quota.quota import quotas
from sagecraft_emulator.quotas.limits import quota_code
from sagecraft_emulator.quotas.service import QuotaService

from .limited import CALLER, LimitedEngine, ask, ask_service, code_of

ENDPOINT, NOBODY_KNOWS = "ml.t2.medium for endpoint usage", "ml.m7i.large for transform job usage"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LimitedEngine]:
    running = LimitedEngine(tmp_path)
    yield running
    running.close()


def every(engine: LimitedEngine, operation: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        answer = ask(engine, operation, ServiceCode="sagemaker", **more)
        assert len(answer["Quotas"]) <= 100
        found += answer["Quotas"]
        if "NextToken" not in answer:
            return found
        more = {"NextToken": answer["NextToken"]}


def test_a_quota_is_told_with_awss_name_code_and_what_is_applied(engine: LimitedEngine) -> None:
    answer = ask(engine, "GetServiceQuota", ServiceCode="sagemaker", QuotaCode=code_of(ENDPOINT))
    assert answer["Quota"] == {
        "ServiceCode": "sagemaker",
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": f"arn:aws:servicequotas:us-east-1:{CALLER.account}:sagemaker/{code_of(ENDPOINT)}",
        "QuotaCode": code_of(ENDPOINT),
        "QuotaName": ENDPOINT,
        "Value": 2.0,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


def test_lists_come_in_pages_and_have_each_quota_once(engine: LimitedEngine) -> None:
    listed = every(engine, "ListAWSDefaultServiceQuotas")
    assert sorted(each["QuotaName"] for each in listed) == sorted(quotas())
    applied = {each["QuotaName"]: each["Value"] for each in every(engine, "ListServiceQuotas")}
    assert applied["Total domains"] == 2
    assert NOBODY_KNOWS not in applied
    (unknown,) = (each for each in listed if each["QuotaName"] == NOBODY_KNOWS)
    assert "Value" not in unknown


def test_an_increase_is_granted_and_applied_and_leaves_the_default(engine: LimitedEngine) -> None:
    request = {"ServiceCode": "sagemaker", "QuotaCode": code_of(ENDPOINT)}
    granted = ask(engine, "RequestServiceQuotaIncrease", **request, DesiredValue=7)["RequestedQuota"]
    assert (granted["Status"], granted["DesiredValue"], granted["QuotaName"]) == ("APPROVED", 7.0, ENDPOINT)
    assert ask(engine, "GetServiceQuota", **request)["Quota"]["Value"] == 7
    assert ask(engine, "GetAWSDefaultServiceQuota", **request)["Quota"]["Value"] == 2
    refused = ask(engine, "RequestServiceQuotaIncrease", **request, DesiredValue=7)
    assert refused["__type"] == "IllegalArgumentException"
    assert refused["message"] == "The desired value 7 is not greater than the present one, 7."


def test_what_nobody_has_published_is_not_told(engine: LimitedEngine) -> None:
    request = {"ServiceCode": "sagemaker", "QuotaCode": code_of(NOBODY_KNOWS)}
    answer = ask(engine, "GetServiceQuota", **request)
    assert answer["__type"] == "NoSuchResourceException"
    assert "nobody has published what a new account has" in answer["message"]
    assert "Value" not in ask(engine, "GetAWSDefaultServiceQuota", **request)["Quota"]


def test_a_code_that_aws_has_not_published_says_so() -> None:
    code = next(quota_code(each) for each in quotas().values() if each.code is None)
    assert code.startswith("unknown-")
    assert len(code) <= 128


@pytest.mark.parametrize(
    ("operation", "request_", "code", "said"),
    [
        ("GetServiceQuota", {"ServiceCode": "ec2", "QuotaCode": "L-1"}, "NoSuchResourceException", "'sagemaker' alone"),
        ("GetServiceQuota", {"ServiceCode": "sagemaker", "QuotaCode": "L-0"}, "NoSuchResourceException", "code 'L-0'"),
        ("GetServiceQuota", {"ServiceCode": "sagemaker"}, "ValidationException", "QuotaCode"),
        ("ListTagsForResource", {}, "NotImplemented", "'ListTagsForResource' of Service Quotas is not done"),
    ],
)
def test_what_is_wrong_is_said(
    engine: LimitedEngine, operation: str, request_: dict[str, Any], code: str, said: str
) -> None:
    answer = ask(engine, operation, **request_)
    assert answer["__type"] == code
    assert said.lower() in str(answer["message"]).lower()


def test_an_emulator_without_quotas_applies_none_and_still_tells_what_a_new_account_has() -> None:
    service = QuotaService(None).service
    assert ask_service(service, "ListServiceQuotas", ServiceCode="sagemaker") == {"Quotas": []}
    request = {"ServiceCode": "sagemaker", "QuotaCode": code_of(ENDPOINT)}
    assert "started without --quotas" in ask_service(service, "GetServiceQuota", **request)["message"]
    assert ask_service(service, "GetAWSDefaultServiceQuota", **request)["Quota"]["Value"] == 2
    asked = ask_service(service, "RequestServiceQuotaIncrease", **request, DesiredValue=9)
    assert asked["__type"] == "InvalidResourceStateException"


def test_a_body_that_is_no_json_is_refused() -> None:
    headers = {"x-amz-target": "ServiceQuotasV20190624.ListServices"}
    answer = QuotaService(None).service.handle(headers, b"{", CALLER)
    assert (answer.status, json.loads(answer.body)["__type"]) == (400, "SerializationException")
