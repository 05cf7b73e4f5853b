"""The data log of a transform job's instance: how its container is asked, and what of the data is refused."""

from datetime import UTC, datetime
from pathlib import Path

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.jobs.logs import LogShipper
from sagecraft_emulator.state.store import RecordKey


class DataLog:
    """Lines in SageMaker's own form, in a stream beside that of the container.

    Args:
        clients: To the host.
        key: The transform job.
        path: The file to write; its directory is there.
        group: The log group.
        container_stream: The log stream of the instance's container.
    """

    def __init__(self, clients: Clients, key: RecordKey, path: Path, group: str, container_stream: str) -> None:
        self._path = path
        self._shipper = LogShipper(clients, key, path, group, f"{container_stream}/data-log")

    def say(self, text: str) -> None:
        """Adds the lines of a text."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        lines = "".join(f"{now}:[sagemaker logs]: {line}\n" for line in text.splitlines())
        with self._path.open("a", encoding="utf-8") as file:
            file.write(lines)

    def close(self) -> None:
        """Ships the rest."""
        self._shipper.close()
