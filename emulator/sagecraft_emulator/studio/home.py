"""The file system of a domain, on which each of its users and spaces has a home directory."""

import logging
from typing import Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients

logger = logging.getLogger(__name__)

MANAGED_BY: Final = "ManagedByAmazonSageMakerResource"
"""The tag by which AWS tells a domain's file system from others; its value is the domain's ARN."""


class FileSystems(Protocol):
    """Where file systems of domains are."""

    def make(self, caller: Caller, domain_arn: str, kms_key_id: str | None) -> str | None:
        """Makes one; its ID, or None where there can be none."""

    def remove(self, caller: Caller, file_system_id: str) -> None:
        """Removes one with all that is in it."""


class NoFileSystems:
    """Where no host is, domains have none."""

    def make(self, caller: Caller, domain_arn: str, kms_key_id: str | None) -> str | None:
        """As `FileSystems` says."""

    def remove(self, caller: Caller, file_system_id: str) -> None:
        """As `FileSystems` says."""


class HostFileSystems:
    """In the host's EFS.

    Args:
        clients: To the host.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def make(self, caller: Caller, domain_arn: str, kms_key_id: str | None) -> str | None:
        """As `FileSystems` says; a host without EFS has none."""
        key = {} if kms_key_id is None else {"KmsKeyId": kms_key_id}
        tags = [{"Key": MANAGED_BY, "Value": domain_arn}]
        try:
            made = self._clients.efs(*caller).create_file_system(
                CreationToken=domain_arn.rpartition("/")[2], Encrypted=True, Tags=tags, **key
            )
        except (BotoCoreError, ClientError) as error:
            logger.warning("The host has made no file system for %s: %s", domain_arn, error)
            return None
        found: str = made["FileSystemId"]
        return found

    def remove(self, caller: Caller, file_system_id: str) -> None:
        """As `FileSystems` says; one that is gone already is passed over."""
        try:
            self._clients.efs(*caller).delete_file_system(FileSystemId=file_system_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "FileSystemNotFound":
                logger.warning("The host has not removed the file system %s: %s", file_system_id, error)
