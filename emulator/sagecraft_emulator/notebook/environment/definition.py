"""What a notebook instance's record says of its start: which scripts run, what is cloned, and which SDK there is."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.container.python.notebook_packages import SdkVersion
from sagecraft_emulator.errors import EmulatorError, RecordMissing
from sagecraft_emulator.state.store import Record, RecordKey, Store

SDK_TAG: Final = "sagecraft:sagemaker-sdk"
"""The tag of a notebook instance that names the version of the SageMaker SDK in its kernel."""
_HERE: Final = "localhost"
"""The host of a URL that names a repository on this machine by its path."""
_CODE_COMMIT: Final = re.compile(r"git-codecommit(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")


class WrongDefinition(EmulatorError):
    """What a record names is not there, or cannot be used; the message becomes a `FailureReason`."""


@dataclass(frozen=True)
class Script:
    """A lifecycle script.

    Attributes:
        hook: `OnCreate` or `OnStart`.
        config_arn: Of the configuration that it is in.
        content: Itself, in base64.
    """

    hook: str
    config_arn: str
    content: str


@dataclass(frozen=True)
class Repository:
    """A Git repository that is to be on the volume.

    Attributes:
        url: Where it is.
        directory: What it is called on the volume.
        branch: Which one is looked at; empty for its own default.
        user: As whom it is asked for, and by which word; both empty for one that is public.
        password: The word.
    """

    url: str
    directory: str
    branch: str = ""
    user: str = ""
    password: str = ""


@dataclass(frozen=True)
class Definition:
    """What the records say.

    Attributes:
        store: Where they are.
        record: Of the notebook instance.
        clients: To the host, as the instance's role.
    """

    store: Store
    record: Record
    clients: Clients

    @property
    def sdk(self) -> SdkVersion:
        """Which SageMaker SDK the kernel has.

        Raises:
            WrongDefinition: The tag names none.
        """
        named = self.store.tags(self.record.arn).get(SDK_TAG, SdkVersion.V2)
        try:
            return SdkVersion(named.removeprefix("v"))
        except ValueError:
            raise WrongDefinition(
                f"The tag '{SDK_TAG}' names the version '{named}' of the SageMaker SDK; it may be one of "
                f"{', '.join(SdkVersion)}."
            ) from None

    def scripts(self, *, is_first: bool) -> tuple[Script, ...]:
        """The lifecycle scripts of a start, in their order.

        Args:
            is_first: Whether the instance is created with this start.

        Raises:
            WrongDefinition: The configuration is not there any more.
        """
        name = self.record.body.get("NotebookInstanceLifecycleConfigName")
        if name is None:
            return ()
        config = self._other("NotebookInstanceLifecycleConfig", name)
        hooks = ("OnCreate", "OnStart") if is_first else ("OnStart",)
        return tuple(
            Script(hook, config.arn, script["Content"]) for hook in hooks for script in config.body.get(hook) or ()
        )

    def repositories(self) -> tuple[Repository, ...]:
        """The code repositories, the default one first.

        Raises:
            WrongDefinition: One of them is not there, or two would lie in one place.
        """
        default = self.record.body.get("DefaultCodeRepository")
        names = [*([] if default is None else [default]), *self.record.body.get("AdditionalCodeRepositories", [])]
        repositories = tuple(map(self._repository, names))
        directories = [each.directory for each in repositories]
        for directory in directories:
            if directories.count(directory) > 1:
                raise WrongDefinition(f"Two code repositories would both be cloned to ~/SageMaker/{directory}.")
        return repositories

    def _repository(self, named: str) -> Repository:
        if "://" in named:
            return Repository(_place(named), _directory(named))
        git_config = self._other("CodeRepository", named).body["GitConfig"]
        url = git_config["RepositoryUrl"]
        secret = git_config.get("SecretArn")
        user, password = ("", "") if secret is None else self._secret(secret, named)
        return Repository(_place(url), _directory(url), git_config.get("Branch", ""), user, password)

    def _other(self, kind: str, name: str) -> Record:
        key = self.record.key
        try:
            return self.store.get(RecordKey(kind, key.account, key.region, name))
        except RecordMissing:
            raise WrongDefinition(f"There is no {kind} '{name}'.") from None

    def _secret(self, arn: str, repository: str) -> tuple[str, str]:
        key = self.record.key
        try:
            answer = self.clients.secrets(key.account, key.region).get_secret_value(SecretId=arn)
            members: Mapping[str, Any] = json.loads(answer["SecretString"])
            return str(members["username"]), str(members["password"])
        except (BotoCoreError, ClientError) as error:
            raise WrongDefinition(f"The secret of the code repository '{repository}' cannot be read: {error}") from None
        except (KeyError, TypeError, ValueError):
            raise WrongDefinition(
                f"The secret {arn} of the code repository '{repository}' should be JSON with 'username' and 'password'."
            ) from None


def local_paths(repositories: tuple[Repository, ...]) -> Iterator[Path]:
    """The repositories that are on this machine."""
    return (Path(each.url) for each in repositories if each.url.startswith("/"))


def _place(url: str) -> str:
    """Where Git finds a repository: its URL, or its path on this machine.

    Raises:
        WrongDefinition: The emulator has no such repositories.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise WrongDefinition(f"A code repository should be an https:// URL, got '{parts.scheme}://…'.")
    if parts.netloc == _HERE:
        return unquote(parts.path)
    if _CODE_COMMIT.fullmatch(parts.hostname or ""):
        raise WrongDefinition(
            f"The repository {url} is in CodeCommit, which the emulator has not. To clone a copy on this machine, "
            f"name it https://{_HERE}/ and its path."
        )
    return url


def _directory(url: str) -> str:
    name = PurePosixPath(unquote(urlsplit(url).path)).name.removesuffix(".git")
    if name in {"", ".", ".."}:
        raise WrongDefinition("The URL of a code repository should end with its name.")
    return name
