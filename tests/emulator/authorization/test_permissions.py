"""Permissions of roles, as an emulator with `enforce_iam` evaluates and records them."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from boto3.session import Session
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from sagecraft_emulator.settings import EmulatorSettings

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator, free_port

from .enforced import (
    BUCKET,
    LIST,
    OBJECTS,
    ROOT,
    TRUST,
    Enforced,
    allow,
    deny,
    document,
    function,
    refusal,
    training_job,
)

READ = allow("s3:GetObject", OBJECTS)


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ((READ,), True),
        ((), False),
        ((allow("s3:Get*", f"arn:aws:s3:::{BUCKET}/da?a/*"),), True),
        ((allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/other/*"),), False),
        ((allow("S3:getobject", OBJECTS),), True),
        ((allow("*"), deny("s3:GetObject", OBJECTS)), False),
        (({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},), True),
        (({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},), False),
        (({"Effect": "Allow", "Action": "s3:*", "NotResource": OBJECTS},), False),
        ((allow("s3:*", OBJECTS, Condition={"StringEquals": {"aws:RequestedRegion": REGION}}),), True),
        ((allow("s3:*", OBJECTS, Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),), False),
        ((allow("s3:*", OBJECTS, Condition={"Bool": {"aws:SecureTransport": "true"}}),), True),
    ],
    ids=[
        "exact",
        "none",
        "wildcards",
        "another-prefix",
        "case",
        "deny-wins",
        "not-action",
        "not-action-that-names-it",
        "not-resource",
        "condition",
        "condition-not-met",
        "loopback-is-tls",
    ],
)
def test_identity_policies_are_evaluated(
    enforced: Enforced, statements: tuple[dict[str, Any], ...], allowed: bool, request: pytest.FixtureRequest
) -> None:
    name = f"identity-{request.node.callspec.id}"
    s3 = enforced.as_role(enforced.role(name, *statements), "s3")
    if allowed:
        assert s3.get_object(Bucket=BUCKET, Key="data/rows.csv")["Body"].read() == b"1,2\n"
        return
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=BUCKET, Key="data/rows.csv")
    code, message = refusal(error)
    assert code == "AccessDenied"
    why = (
        "with an explicit deny in an identity-based policy"
        if len(statements) == 2
        else "because no identity-based policy allows the s3:GetObject action"
    )
    assert message == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/test is not authorized to perform: s3:GetObject on "
        f'resource: "arn:aws:s3:::{BUCKET}/data/rows.csv" {why}'
    )


def test_a_list_is_held_to_its_prefix(enforced: Enforced) -> None:
    s3 = enforced.as_role(enforced.role("lister", LIST), "s3")
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="data/rows")["KeyCount"] == 1
    with pytest.raises(ClientError, match="not authorized to perform: s3:ListBucket"):
        s3.list_objects_v2(Bucket=BUCKET, Prefix="models/")


def test_a_boundary_holds_what_policies_allow(enforced: Enforced) -> None:
    iam = enforced.client("iam")
    policy = iam.create_policy(PolicyName="boundary", PolicyDocument=document(allow("s3:ListBucket")))["Policy"]
    role = enforced.role("bounded", allow("s3:*"))
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=policy["Arn"])
    s3 = enforced.as_role(role, "s3")
    s3.list_objects_v2(Bucket=BUCKET)
    with pytest.raises(ClientError, match="not authorized to perform: s3:GetObject"):
        s3.get_object(Bucket=BUCKET, Key="data/rows.csv")


def test_metrics_are_held_to_their_namespace(enforced: Enforced) -> None:
    condition = {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*"]}}
    role = enforced.role("metrics", allow("cloudwatch:PutMetricData", Condition=condition))
    cloudwatch = enforced.as_role(role, "cloudwatch")
    data = [{"MetricName": "loss", "Value": 1.0}]
    cloudwatch.put_metric_data(Namespace="/aws/sagemaker/TrainingJobs", MetricData=data)
    with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:PutMetricData"):
        cloudwatch.put_metric_data(Namespace="Other", MetricData=data)


def test_a_role_has_to_trust_sagemaker(enforced: Enforced) -> None:
    other = {**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}
    lambdas = {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
    roles = [
        enforced.role("of-another-account", trust=(other,)),
        enforced.role("of-lambda", trust=(lambdas, ROOT)),
        enforced.role("refused", trust=(TRUST, {**TRUST, "Effect": "Deny"})),
        f"arn:aws:iam::{ACCOUNT}:role/nobody",
    ]
    for role in roles:
        with pytest.raises(ClientError) as error:
            enforced.client("sagemaker").create_training_job(**training_job("untrusted", role))
        code, message = refusal(error)
        assert code == "ValidationException"
        assert message.startswith(
            f"Could not assume role {role}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        )


def test_who_has_a_role_already_assumes_another_for_an_hour(enforced: Enforced) -> None:
    # https://github.com/99designs/aws-vault/issues/263
    target = enforced.role("chained")
    enforced.client("iam").update_role(RoleName="chained", MaxSessionDuration=43_200)
    request = {"RoleArn": target, "RoleSessionName": "test", "DurationSeconds": 3601}
    enforced.client("sts").assume_role(**request)
    sts = enforced.as_role(enforced.role("chains", allow("sts:AssumeRole")), "sts")
    sts.assume_role(**{**request, "DurationSeconds": 3600})
    with pytest.raises(ClientError) as error:
        sts.assume_role(**request)
    assert refusal(error) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )


def test_a_job_does_everything_as_its_role(enforced: Enforced) -> None:
    write = allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/models/*")
    logs = allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])
    delete = allow("s3:DeleteObject", OBJECTS)
    role = enforced.role("worker", READ, LIST, write, logs, delete)
    job = enforced.job("as-its-role", role)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    for name in ("as-its-role", "worker", role):
        (report,) = enforced.emulator.get(f"permissions?name={name}")["roles"]
        assert report["arn"] == role
        assert {each["action"] for each in report["grants"] if each["used"] == 0} == {"s3:DeleteObject"}
        called = {(each["action"], each["resource"]) for each in report["calls"]}
        assert ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/data/rows.csv") in called
        assert ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/models/as-its-role/output/model.tar.gz") in called
        assert all(each["allowed"] for each in report["calls"])


@pytest.mark.parametrize(
    ("missing", "resource"),
    [
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/data/rows.csv"),
        ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/models/without-put-object/output/model.tar.gz"),
    ],
)
def test_a_job_fails_by_a_missing_permission(enforced: Enforced, missing: str, resource: str) -> None:
    name = "without-" + {"GetObject": "get", "PutObject": "put-object"}[missing[3:]]
    role = enforced.role(name, allow("*"), deny(missing))
    job = enforced.job(name, role)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].endswith(
        f"AccessDenied: User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/SageMaker is not authorized to perform: "
        f"{missing} on resource: {resource} with an explicit deny in an identity-based policy. "
        f"Mend the permissions of the role '{name}'."
    )
    (report,) = enforced.emulator.get(f"permissions?name={name}")["roles"]
    assert {each["action"] for each in report["calls"] if not each["allowed"]} == {missing}


def test_a_job_whose_role_may_not_list_its_input_is_refused_at_once(enforced: Enforced) -> None:
    role = enforced.role("without-list", allow("*"), deny("s3:ListBucket"))
    with pytest.raises(ClientError) as error:
        enforced.client("sagemaker").create_training_job(**training_job("without-list", role))
    code, message = refusal(error)
    assert code == "ValidationException"
    assert message.startswith(f'No S3 objects found under S3 URL "s3://{BUCKET}/data/" given in input data source.')
    assert "SageMaker is not authorized to perform: s3:ListBucket on resource" in message


def test_a_role_that_makes_a_job_has_to_be_allowed_to_pass_its_role(enforced: Enforced) -> None:
    passed = enforced.role("passed", LIST)
    passes = allow(
        "iam:PassRole", passed, Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    )
    create = allow("sagemaker:CreateTrainingJob", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/made-*")
    request = training_job("made-by-a-role", passed)
    without = enforced.as_role(enforced.role("maker-without", create), "sagemaker")
    with pytest.raises(ClientError) as error:
        without.create_training_job(**request)
    assert refusal(error) == (
        "AccessDeniedException",
        (
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/maker-without/test is not authorized to perform: iam:PassRole "
            f"on resource: {passed} because no identity-based policy allows the iam:PassRole action"
        ),
    )
    maker = enforced.as_role(enforced.role("maker", create, passes), "sagemaker")
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:AddTags"):
        maker.create_training_job(**request, Tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateTrainingJob"):
        maker.create_training_job(**{**request, "TrainingJobName": "other"})
    maker.create_training_job(**request)


def test_an_endpoint_answers_whom_it_may(enforced: Enforced) -> None:
    nobody = enforced.as_role(enforced.role("nobody-invokes"), "sagemaker-runtime")
    with pytest.raises(ClientError) as error:
        nobody.invoke_endpoint(EndpointName="e", Body=b"")
    code, message = refusal(error)
    assert code == "AccessDeniedException"
    assert f"sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/e" in message
    somebody = enforced.as_role(enforced.role("somebody", allow("sagemaker:InvokeEndpoint")), "sagemaker-runtime")
    with pytest.raises(ClientError, match="ValidationError"):  # it is not there, which only who may ask is told
        somebody.invoke_endpoint(EndpointName="e", Body=b"")


def test_policies_are_simulated(enforced: Enforced) -> None:
    iam = enforced.client("iam")
    role = enforced.role("simulated", READ, LIST, deny("s3:DeleteObject"))
    actions, resources = ["s3:GetObject", "s3:DeleteObject", "s3:PutObject"], [OBJECTS, "arn:aws:s3:::other/a"]
    answer = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=actions, ResourceArns=resources)
    decided = {
        (each["EvalActionName"], each["EvalResourceName"]): each["EvalDecision"] for each in answer["EvaluationResults"]
    }
    assert decided == {
        ("s3:GetObject", OBJECTS): "allowed",
        ("s3:GetObject", "arn:aws:s3:::other/a"): "implicitDeny",
        ("s3:DeleteObject", OBJECTS): "explicitDeny",
        ("s3:DeleteObject", "arn:aws:s3:::other/a"): "explicitDeny",
        ("s3:PutObject", OBJECTS): "implicitDeny",
        ("s3:PutObject", "arn:aws:s3:::other/a"): "implicitDeny",
    }
    entry = {"ContextKeyName": "s3:prefix", "ContextKeyValues": ["data/a"], "ContextKeyType": "string"}
    listed = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["s3:ListBucket"],
        ResourceArns=[f"arn:aws:s3:::{BUCKET}"],
        ContextEntries=[entry],
    )
    assert [each["EvalDecision"] for each in listed["EvaluationResults"]] == ["allowed"]
    with pytest.raises(ClientError, match="The role with name missing cannot be found"):
        iam.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/missing", ActionNames=actions)


def test_an_endpoint_needs_its_configuration_too(enforced: Enforced) -> None:
    sagemaker = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
    create = allow("sagemaker:CreateEndpoint", f"{sagemaker}:endpoint/*")
    request = {"EndpointName": "needy", "EndpointConfigName": "needed"}
    alone = enforced.as_role(enforced.role("endpoint-alone", create), "sagemaker")
    with pytest.raises(ClientError) as error:
        alone.create_endpoint(**request)
    code, message = refusal(error)
    assert code == "AccessDeniedException"
    assert f"sagemaker:CreateEndpoint on resource: {sagemaker}:endpoint-config/needed because no identity" in message
    config = allow("sagemaker:CreateEndpoint", f"{sagemaker}:endpoint-config/*")
    both = enforced.as_role(enforced.role("endpoint-and-config", create, config), "sagemaker")
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        both.create_endpoint(**request)


def test_requests_are_held_to_the_conditions_of_sagemaker(enforced: Enforced) -> None:
    small = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}
    ours = {"StringEquals": {"aws:RequestTag/team": "data"}}
    theirs = {"StringEquals": {"aws:ResourceTag/team": "data"}}
    role = enforced.role(
        "conditions",
        allow("sagemaker:CreateEndpointConfig", Condition=small),
        allow(["sagemaker:CreateModelPackageGroup", "sagemaker:AddTags"], Condition=ours),
        allow("sagemaker:DescribeModelPackageGroup", Condition=theirs),
    )
    sagemaker = enforced.as_role(role, "sagemaker")
    variant = {"VariantName": "a", "ModelName": "m", "InitialInstanceCount": 1}
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.create_endpoint_config(
            EndpointConfigName="c", ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}]
        )
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateEndpointConfig"):
        sagemaker.create_endpoint_config(
            EndpointConfigName="c", ProductionVariants=[{**variant, "InstanceType": "ml.p3.2xlarge"}]
        )
    group = {"ModelPackageGroupName": "conditions"}
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateModelPackageGroup"):
        sagemaker.create_model_package_group(**group, Tags=[{"Key": "team", "Value": "other"}])
    arn = sagemaker.create_model_package_group(**group, Tags=[{"Key": "team", "Value": "data"}])["ModelPackageGroupArn"]
    sagemaker.describe_model_package_group(**group)
    enforced.client("sagemaker").add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "other"}])
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:DescribeModelPackageGroup"):
        sagemaker.describe_model_package_group(**group)


def test_the_managed_policies_of_sagemaker_are_known(enforced: Enforced) -> None:
    """Source: https://github.com/iann0036/iam-dataset, aws/managedpolicies/AmazonSageMakerFullAccess.json"""
    iam = enforced.client("iam")
    full = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    assert iam.get_policy(PolicyArn=full)["Policy"]["DefaultVersionId"] == "v29"
    role = enforced.role("managed")
    iam.attach_role_policy(RoleName="managed", PolicyArn=full)
    jobs = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job"
    for action, resource, decision in (
        ("sagemaker:CreateTrainingJob", f"{jobs}/job", "allowed"),
        ("s3:GetObject", "arn:aws:s3:::a-sagemaker-bucket/data", "allowed"),
        ("s3:PutObject", "arn:aws:s3:::another/data", "implicitDeny"),
        ("iam:CreateRole", "*", "implicitDeny"),
    ):
        answer = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource])
        assert [each["EvalDecision"] for each in answer["EvaluationResults"]] == [decision]
    enforced.as_role(role, "sagemaker").list_models()
    read = enforced.role("managed-reader")
    iam.attach_role_policy(RoleName="managed-reader", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerReadOnly")
    enforced.as_role(read, "sagemaker").list_models()
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateModelPackageGroup"):
        enforced.as_role(read, "sagemaker").create_model_package_group(ModelPackageGroupName="unread")


def test_what_was_called_outlives_the_emulator(tmp_path: Path) -> None:
    emulator = RunningEmulator(EmulatorSettings(tmp_path / "state", free_port(), enforce_iam=True)).start()
    try:
        enforced = Enforced(emulator)
        enforced.as_role(enforced.role("asker", allow("s3:ListAllMyBuckets")), "s3").list_buckets()
        before = emulator.get("permissions?name=asker")
        assert [(each["action"], each["count"]) for each in before["roles"][0]["calls"]] == [("s3:ListAllMyBuckets", 1)]
        emulator.stop()
        emulator.start()
        assert emulator.get("permissions?name=asker") == before
    finally:
        emulator.stop()


LARGE = bytes(range(256)) * 8192
CHUNK_BYTES = 700_000


def test_a_large_object_is_written_and_read_by_who_may_alone(enforced: Enforced) -> None:
    own = f"arn:aws:s3:::{BUCKET}/own/*"
    s3 = enforced.as_role(enforced.role("writer", allow(["s3:PutObject", "s3:GetObject"], own)), "s3")
    s3.put_object(Bucket=BUCKET, Key="own/large", Body=LARGE)
    assert s3.get_object(Bucket=BUCKET, Key="own/large")["Body"].read() == LARGE
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=BUCKET, Key="others/large", Body=LARGE)
    assert refusal(error)[0] == "AccessDenied"
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket=BUCKET, Key="own/copy", CopySource=f"{BUCKET}/data/rows.csv")
    code, message = refusal(error)
    assert code == "AccessDenied"
    assert f's3:GetObject on resource: "arn:aws:s3:::{BUCKET}/data/rows.csv"' in message
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket=BUCKET, Key="others/copy", CopySource=f"{BUCKET}/own/large")
    assert f's3:PutObject on resource: "arn:aws:s3:::{BUCKET}/others/copy"' in refusal(error)[1]
    with pytest.raises(ClientError):
        enforced.client("s3").head_object(Bucket=BUCKET, Key="others/large")


class StreamingAuth(S3SigV4Auth):
    """Signs a request whose body is signed chunk by chunk."""

    def payload(self, request: AWSRequest) -> str:
        del request
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def in_signed_chunks(s3: Any, key: str, signed: bytes, sent: bytes) -> urllib.request.Request:
    """A PUT whose chunks are signed, each with the one before.

    Source: "Signature calculations for the authorization header: transferring payload in multiple chunks", in the
    reference of S3's API.
    """
    headers = {"x-amz-decoded-content-length": str(len(sent)), "content-encoding": "aws-chunked"}
    request = AWSRequest("PUT", f"{s3.meta.endpoint_url}/{BUCKET}/{key}", headers)
    credentials = s3._request_signer._credentials.get_frozen_credentials()
    StreamingAuth(credentials, "s3", REGION).add_auth(request)
    stamp = request.context["timestamp"]
    signature = str(request.headers["Authorization"]).rpartition("Signature=")[2]
    scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
    secret = f"AWS4{credentials.secret_key}".encode()
    for word in scope.split("/"):
        secret = hmac.new(secret, word.encode(), hashlib.sha256).digest()
    body, empty = b"", hashlib.sha256().hexdigest()
    for begin in [*range(0, len(signed), CHUNK_BYTES), len(signed)]:
        digest = hashlib.sha256(signed[begin : begin + CHUNK_BYTES]).hexdigest()
        lines = ["AWS4-HMAC-SHA256-PAYLOAD", stamp, scope, signature, empty, digest]
        signature = hmac.new(secret, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        chunk = sent[begin : begin + CHUNK_BYTES]
        body += b"%x;chunk-signature=%b\r\n%b\r\n" % (len(chunk), signature.encode(), chunk)
    return urllib.request.Request(str(request.url), body, dict(request.headers.items()), method="PUT")


def test_each_chunk_of_a_large_object_is_held_against_its_signature(enforced: Enforced) -> None:
    s3 = enforced.as_role(enforced.role("chunks", allow("s3:*")), "s3")
    for key, sent in [("chunks", LARGE), ("forged", LARGE[:-1] + b"!")]:
        request = in_signed_chunks(s3, key, LARGE, sent)
        if sent == LARGE:
            urllib.request.urlopen(request, timeout=60)
        else:
            with pytest.raises(HTTPError) as refused:
                urllib.request.urlopen(request, timeout=60)
            assert "<Code>SignatureDoesNotMatch</Code>" in refused.value.read().decode()
    assert s3.get_object(Bucket=BUCKET, Key="chunks")["Body"].read() == LARGE
    with pytest.raises(ClientError):
        s3.head_object(Bucket=BUCKET, Key="forged")


def test_a_function_has_the_permissions_of_its_role(enforced: Enforced) -> None:
    trust = ({**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}},)
    assert function(enforced, "may", enforced.role("function-may", READ, trust=trust)) == '"1,2\\n"'
    refused = json.loads(function(enforced, "may-not", enforced.role("function-may-not", trust=trust)))
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/function-may-not/may-not"
    assert f"User: {session} is not authorized to perform: s3:GetObject" in refused["errorMessage"]
    (report,) = enforced.emulator.get("permissions?name=may-not")["roles"]
    assert [(each["action"], each["allowed"]) for each in report["calls"]] == [("s3:GetObject", False)]


def test_the_session_of_a_function_ends_when_the_function_is_deleted(enforced: Enforced) -> None:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    code = f"import os\ndef handler(event, context):\n    return [os.environ[name] for name in {names}]\n"
    role = enforced.role("function-deleted", trust=({**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}},))
    key, secret, token = json.loads(function(enforced, "deleted", role, code))
    sts = Session(key, secret, token, REGION).client("sts", endpoint_url=enforced.emulator.url)
    assert sts.get_caller_identity()["Arn"].endswith(":assumed-role/function-deleted/deleted")
    enforced.client("lambda").delete_function(FunctionName="deleted")
    with pytest.raises(ClientError):
        sts.get_caller_identity()


def test_a_role_of_a_function_has_to_trust_lambda(enforced: Enforced) -> None:
    with pytest.raises(ClientError) as error:
        function(enforced, "untrusted", enforced.role("function-untrusted"))
    assert refusal(error) == (
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )
