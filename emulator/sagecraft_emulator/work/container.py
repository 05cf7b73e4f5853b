"""What training and serving containers have in common: how an image's program is started, under whose credentials."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError

from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.store import RecordKey

from .clients import Clients
from .images import LocalProgram, docker_command, install_requirements
from .sandbox import Sandbox, SandboxedProcess

CREDENTIALS_SECONDS: Final = 3600
# What a program may know of this machine; everything else would be a secret of its user, or an accident.
_PASSED_ON: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "PIP_INDEX_URL",
    "PIP_CERT",
)


class RoleError(EmulatorError):
    """The execution role cannot be assumed; the message is for the user."""


@dataclass(frozen=True)
class Machine:
    """What all containers of an emulator share.

    Attributes:
        clients: To the host.
        work_dir: Where sandboxes and caches are.
    """

    clients: Clients
    work_dir: Path

    def environment(self, key: RecordKey, role_arn: str | None) -> dict[str, str]:
        """The environment that every container has: AWS's variables, and the credentials of its role.

        Raises:
            RoleError: The role cannot be assumed.
        """
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "AWS_REGION": key.region,
            "AWS_DEFAULT_REGION": key.region,
            "AWS_ENDPOINT_URL": self.clients.endpoint_url,
            "PYTHONUNBUFFERED": "1",
            "HOME": "/root" if os.geteuid() == 0 else os.environ.get("HOME", "/"),
        }
        if role_arn is not None:
            environment |= self._credentials(key, role_arn)
        return environment

    def start(
        self, sandbox: Sandbox, program: LocalProgram, command: Sequence[str], environment: Mapping[str, str], name: str
    ) -> SandboxedProcess:
        """Starts a program in a sandbox, or its image in the container engine.

        Raises:
            RequirementsFailed: What it requires cannot be installed.
        """
        environment = dict(environment)
        if program.docker_image is not None:
            command = docker_command(
                program.docker_image,
                command,
                opt_ml=sandbox.opt_ml,
                host_name=sandbox.host_name,
                environment=environment,
                name=name,
            )
            return sandbox.start(command, {**os.environ, **environment}, namespaces=False)
        packages = install_requirements(program, self.work_dir / "requirements")
        if packages is not None:
            environment["PYTHONPATH"] = str(packages)
        working_directory = Path(program.working_directory) if program.working_directory else None
        return sandbox.start(command, environment, working_directory)

    def _credentials(self, key: RecordKey, role_arn: str) -> dict[str, str]:
        try:
            answer = self.clients.sts(key.account, key.region).assume_role(
                RoleArn=role_arn, RoleSessionName="SageMaker", DurationSeconds=CREDENTIALS_SECONDS
            )
        except ClientError as error:
            raise RoleError(
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
                f"'sagemaker.amazonaws.com' to assume the role. ({error.response['Error'].get('Message', error)})"
            ) from error
        credentials = answer["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }
