"""A session of `localstack_client`, pointed at an emulator."""

from collections.abc import Mapping

from localstack_client import config
from localstack_client.session import Session

from sagecraft_infra.target.variables import SECRET

from .emulator import RunningEmulator


class EmulatorSession(Session):  # type: ignore[misc]  # it has no types
    """One whose clients go to the given emulator, whatever `AWS_ENDPOINT_URL` says.

    Args:
        emulator: The emulator.
    """

    def __init__(self, emulator: RunningEmulator) -> None:
        super().__init__(
            aws_access_key_id=emulator.account,
            aws_secret_access_key=SECRET,
            region_name=emulator.region,
        )
        services: Mapping[str, str] = config.get_service_endpoints()
        self._service_endpoint_mapping = dict.fromkeys(services, emulator.endpoint_url)
