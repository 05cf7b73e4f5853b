"""The Node.js runtime of Lambda functions in a running emulator, which does not wait for it at its start."""

import logging
import threading
from pathlib import Path

from sagecraft_emulator.errors import NodeSdkError

from . import node_sdk

logger = logging.getLogger(__name__)


class NodeRuntime:
    """Installs the AWS SDK in the background where it is missing; functions in Node.js wait for that, others do not."""

    def __init__(self) -> None:
        self._installed = threading.Event()
        self._problem: str | None = None
        threading.Thread(target=self._install, name="install-node-sdk", daemon=True).start()

    @property
    def node_modules(self) -> Path:
        """Where the SDK is once it is installed."""
        return node_sdk.sdk_dir()

    @property
    def program_dir(self) -> Path | None:
        """The directory of `node`, or None when it is missing."""
        try:
            return node_sdk.node_binary().parent
        except NodeSdkError:
            return None

    def wait(self) -> None:
        """Returns when the SDK is installed, or cannot be."""
        self._installed.wait()

    def warnings(self) -> tuple[str, ...]:
        """What does not work at the moment, in sentences."""
        if not self._installed.is_set():
            return ("The AWS SDK for JavaScript is being installed; Lambda functions in Node.js wait for it.",)
        return () if self._problem is None else (self._problem,)

    def _install(self) -> None:
        try:
            node_sdk.install_sdk()
        except NodeSdkError as error:
            self._problem = (
                "Lambda functions in Node.js that call AWS fail, the CDK's own custom resources among them, because "
                f"the AWS SDK for JavaScript is missing. {error}"
            )
            logger.warning(self._problem)
        finally:
            self._installed.set()
