"""What a role may do in a domain of Studio, and with whose spaces."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import ACCOUNT, REGION
from tests.emulator.studio.studio import PRIVATE, wait

from .enforced import Enforced, allow

NETWORK = {"VpcId": "vpc-00000001", "SubnetIds": ["subnet-00000001"]}


@pytest.fixture(scope="module")
def domain_id(enforced: Enforced) -> str:
    """A domain with two users, each with a space."""
    sagemaker = enforced.client("sagemaker")
    settings = {"ExecutionRole": enforced.role("studio-work")}
    made: str = sagemaker.create_domain(DomainName="shared", AuthMode="IAM", DefaultUserSettings=settings, **NETWORK)[
        "DomainId"
    ]
    in_service(partial(sagemaker.describe_domain, DomainId=made))
    for name in ("ana", "ben"):
        sagemaker.create_user_profile(DomainId=made, UserProfileName=name)
        in_service(partial(sagemaker.describe_user_profile, DomainId=made, UserProfileName=name))
        own = {**PRIVATE, "OwnershipSettings": {"OwnerUserProfileName": name}}
        sagemaker.create_space(DomainId=made, SpaceName=f"{name}s", **own)
        in_service(partial(sagemaker.describe_space, DomainId=made, SpaceName=f"{name}s"))
    return made


def in_service(describe: Callable[[], dict[str, Any]]) -> None:
    wait(lambda: describe()["Status"] == "InService")


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    assert error.value.response["Error"]["Code"] == "AccessDeniedException", error.value
    return str(error.value.response["Error"]["Message"])


def test_only_the_owner_of_a_space_may_delete_it(enforced: Enforced, domain_id: str) -> None:
    profile = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{domain_id}/ana"
    own = {"ArnEquals": {"sagemaker:OwnerUserProfileArn": profile}}
    spaces = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:space/{domain_id}/*"
    sagemaker = enforced.as_role(
        enforced.role("ana", allow("sagemaker:DeleteSpace", spaces, Condition=own)), "sagemaker"
    )
    assert f":space/{domain_id}/bens" in refused(lambda: sagemaker.delete_space(DomainId=domain_id, SpaceName="bens"))
    sagemaker.delete_space(DomainId=domain_id, SpaceName="anas")


def test_a_user_opens_as_one_profile_alone(enforced: Enforced, domain_id: str) -> None:
    profile = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{domain_id}/ben"
    role = enforced.role("ben", allow("sagemaker:CreatePresignedDomainUrl", profile))
    sagemaker = enforced.as_role(role, "sagemaker")
    named = {"DomainId": domain_id, "SpaceName": "bens"}
    refused(lambda: sagemaker.create_presigned_domain_url(**named, UserProfileName="ana"))
    with pytest.raises(ClientError, match="NotImplemented"):  # it is allowed, and nothing runs that could be opened
        sagemaker.create_presigned_domain_url(**named, UserProfileName="Ben")


def test_who_makes_a_domain_passes_the_role_of_its_users(enforced: Enforced) -> None:
    work = enforced.role("studio-passed")
    role = enforced.role("maker-of-domains", allow("sagemaker:CreateDomain"))
    request = {"DomainName": "passed", "AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": work}, **NETWORK}
    sagemaker = enforced.as_role(role, "sagemaker")
    assert "iam:PassRole" in refused(lambda: sagemaker.create_domain(**request))


def test_a_name_that_nothing_can_have_is_refused_by_the_service(enforced: Enforced) -> None:
    sagemaker = enforced.client("sagemaker")
    with pytest.raises(ClientError, match="ValidationException"):
        sagemaker.describe_model(ModelName="\ud800")
    with pytest.raises(ClientError, match="ValidationException"):
        sagemaker.describe_space(DomainId="d-1", SpaceName="\ud800")
