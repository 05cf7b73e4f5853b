"""Who may use a KMS key, and have SageMaker use it, as an emulator with `enforce_iam` decides it."""

import pytest
from botocore.exceptions import ClientError

from .enforced import BUCKET, LIST, OBJECTS, Enforced, allow, refusal, training_job

READ = allow("s3:GetObject", OBJECTS)


def make_key(enforced: Enforced, alias: str) -> str:
    """The ARN of a key that has an alias."""
    kms = enforced.client("kms")
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=arn)
    return arn


def test_an_encrypted_object_needs_its_key(enforced: Enforced) -> None:
    key = enforced.client("kms").create_key()["KeyMetadata"]["Arn"]
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    enforced.client("s3").put_object(Bucket=BUCKET, Key="data-encrypted/a", Body=b"secret", **encrypted)
    with_key = enforced.as_role(enforced.role("with-key", READ, allow("kms:Decrypt", key)), "s3")
    assert with_key.get_object(Bucket=BUCKET, Key="data-encrypted/a")["Body"].read() == b"secret"
    writer = enforced.as_role(enforced.role("without-key", READ, allow("s3:PutObject", OBJECTS)), "s3")
    with pytest.raises(ClientError) as error:
        writer.get_object(Bucket=BUCKET, Key="data-encrypted/a")
    assert refusal(error)[0] == "AccessDenied"
    assert f"is not authorized to perform: kms:Decrypt on resource: {key}" in refusal(error)[1]
    with pytest.raises(ClientError, match="not authorized to perform: kms:GenerateDataKey"):
        writer.put_object(Bucket=BUCKET, Key="data-encrypted/b", Body=b"", **encrypted)


@pytest.mark.parametrize(("name", "readable"), [("of-data", True), ("of-other-data", False)])
def test_a_policy_may_know_a_key_by_its_alias(enforced: Enforced, name: str, readable: bool) -> None:
    # https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    key = make_key(enforced, f"of-data-{readable}")
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    enforced.client("s3").put_object(Bucket=BUCKET, Key="data-encrypted/by-alias", Body=b"secret", **encrypted)
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{name}-{readable}"}}
    every_key = f"{key.rpartition('/')[0]}/*"
    role = enforced.role(f"reads-{name}", READ, allow("kms:Decrypt", every_key, Condition=condition))
    s3 = enforced.as_role(role, "s3")
    if readable:
        assert s3.get_object(Bucket=BUCKET, Key="data-encrypted/by-alias")["Body"].read() == b"secret"
        return
    with pytest.raises(ClientError, match="not authorized to perform: kms:Decrypt"):
        s3.get_object(Bucket=BUCKET, Key="data-encrypted/by-alias")


@pytest.mark.parametrize("who", ["maker", "role", "nobody"])
def test_a_job_with_a_key_for_its_volumes_needs_a_grant_of_its_maker_or_its_role(enforced: Enforced, who: str) -> None:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
    key = make_key(enforced, f"volumes-{who}")

    def role(name: str, *statements: dict[str, object]) -> str:
        is_for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true" if name == who else "false"}}
        return enforced.role(f"volumes-{who}-{name}", *statements, allow("kms:CreateGrant", key, Condition=is_for_aws))

    request = training_job(f"volumes-{who}", role("role", LIST))
    request["ResourceConfig"] = {**request["ResourceConfig"], "VolumeKmsKeyId": f"alias/volumes-{who}"}
    maker = role("maker", allow(["sagemaker:CreateTrainingJob", "iam:PassRole"]))
    sagemaker = enforced.as_role(maker, "sagemaker")
    if who != "nobody":
        sagemaker.create_training_job(**request)
        return
    with pytest.raises(ClientError) as error:
        sagemaker.create_training_job(**request)
    code, message = refusal(error)
    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: kms:CreateGrant on resource: {key} because" in message
    assert "kms:GrantIsForAWSResource" in message
