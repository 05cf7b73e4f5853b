"""S3's encryption by the account's own key, where a request names none."""

from collections.abc import Callable, Mapping

from sagecraft_catalog import partition

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer, ServiceHandler

from .encrypted_objects import ENCRYPTION, KEY


def with_default_key(account_and_region: Callable[[], tuple[str, str]], answer: ServiceHandler) -> ServiceHandler:
    """S3 that encrypts by the account's own key `aws/s3` where a request names none; ministack refuses that.

    Args:
        account_and_region: Of the present request.
        answer: S3 as it is.
    """

    async def answer_with_key(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        if headers.get(ENCRYPTION) == "aws:kms" and not headers.get(KEY):
            account, region = account_and_region()
            headers = {**headers, KEY: f"arn:{partition(region)}:kms:{region}:{account}:alias/aws/s3"}
        return await answer(method, path, headers, body, query)

    return answer_with_key
