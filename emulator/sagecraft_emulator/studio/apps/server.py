"""The JupyterLab of a space: it runs as that of a notebook instance does, in another home."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.container.python.notebook_packages import SdkVersion
from sagecraft_emulator.notebook.environment.home import jupyter_server, variables
from sagecraft_emulator.notebook.environment.steps import HOW, Pace, Step
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.notebook.preparation import Preparation, fit_out
from sagecraft_emulator.notebook.server import NotebookServer
from sagecraft_emulator.notebook.volume import VolumeWatch
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .idle import IdleWatch
from .own_image import own_program
from .place import place_of

LOG_GROUP: Final = "/aws/sagemaker/studio"
ROLE: Final = "_RoleArn"
SCRIPT: Final = "_OnStart"
VOLUME_GIB: Final = "_VolumeSizeInGb"
OWNER: Final = "_OwnerUserProfileName"
IDLE_MINUTES: Final = "_IdleMinutes"
IMAGE: Final = "_Image"
"""Members of an app's record that only the emulator reads."""
_SCRIPT_LOG: Final = "LifecycleConfigOnStart"
_USER: Final = "sagemaker-user"
_HOME: Final = Path("/home") / _USER
_ACCOUNTS: Final = f"{_USER}:x:0:0::{_HOME}:/bin/bash\nroot:x:0:0:root:/root:/bin/bash\n"


class _SpaceVolume(VolumeWatch):
    full: ClassVar[str] = (
        "The space holds {used:.2f} GiB, and its EbsVolumeSizeInGb is {size:g}. Remove files, or delete the app and "
        "give the space a larger volume by UpdateSpace."
    )


class AppServer(NotebookServer):
    """An app of type JupyterLab that runs. The volume of its space is the home of its user.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-jl-user-guide.html

    Args:
        machine: What containers share.
        store: Where the records are.
        record: Of the app.
        images: Where the programs of images are.
        cancelled: Whether it is not to come up any more.
        pace: How long things take.
    """

    spoken: ClassVar[str] = "JupyterLab app"
    log_group: ClassVar[str] = LOG_GROUP
    root: ClassVar[Path] = _HOME
    _idle: IdleWatch | None = None
    is_idle = False
    """Whether it is not needed any more, for nobody works in it."""

    def __init__(
        self,
        machine: Machine,
        store: Store,
        record: Record,
        images: ImageRegistry,
        cancelled: Callable[[], bool],
        pace: Pace,
    ) -> None:
        super().__init__(machine, store, record, cancelled, pace)
        self._images = images

    def wait_until_down(self) -> bool:
        """As of a notebook instance; it is not needed when nobody has worked in it for as long as its settings say."""
        minutes, minute_seconds = self._record.body.get(IDLE_MINUTES), self._pace.minute_seconds
        if minutes is not None and self._idle is None:
            self._idle = IdleWatch(minutes * minute_seconds, minute_seconds, self._ask)
        return super().wait_until_down()

    def _is_needed(self) -> bool:
        if self._idle is not None and self._idle.is_idle():
            self.is_idle = True
            minutes = self._record.body[IDLE_MINUTES]
            self._say(f"Nobody has worked here for {minutes} minutes: the app is deleted, as its idle settings say.")
        return not self.is_idle

    @property
    def page(self) -> RecordKey:
        """What its page is named by."""
        return page_of(self.key, self._record.body)

    @property
    def _stream(self) -> str:
        body = self._record.body
        return "/".join(body[member] for member in ("DomainId", "SpaceName", "AppType", "AppName"))

    def _find_place(self) -> Place:
        return place_of(self._machine.work_dir, self._record)

    def _watch_volume(self) -> VolumeWatch:
        return _SpaceVolume(self._place.volume, self._record.body[VOLUME_GIB], self._place.running / "volume")

    def _prepare(self) -> Preparation:
        body = self._record.body
        own = own_program(self._images, body[IMAGE]) if IMAGE in body else None
        outfit = fit_out(self._machine, self._record, body[ROLE], SdkVersion.V2, self._place, self._metadata())
        accounts = self._place.running / "accounts"
        accounts.write_text(_ACCOUNTS, encoding="utf-8")
        reads = () if own is None else own.reads
        return Preparation(
            jupyter_server() if own is None else own.command,
            {
                **outfit.environment,
                **(variables(outfit.jupyter, root_access=True) if own is None else own.environment),
                **self._variables(),
            },
            [] if SCRIPT not in body else [self._script(body[SCRIPT])],
            given={
                str(_HOME): self._place.volume,  # before what lies in it
                **outfit.given,
                str(_HOME / ".aws"): outfit.given["/root/.aws"],
                "/etc/passwd": accounts,
            },
            reads=[*outfit.reads, *reads],
            directory=None if own is None else own.directory,
        )

    def _variables(self) -> dict[str, str]:
        """What every app has in its environment, whatever its image says.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-byoi-specs.html
        """
        return {
            "HOME": str(_HOME),
            "USER": _USER,
            "LOGNAME": _USER,
            "AWS_ACCOUNT_ID": self.key.account,
            "AWS_REGION": self.key.region,
            "AWS_DEFAULT_REGION": self.key.region,
            "SAGEMAKER_SPACE_NAME": self._record.body["SpaceName"],
            "SAGEMAKER_APP_TYPE": self._record.body["AppType"],
        }

    def _metadata(self) -> dict[str, str]:
        """What AWS's SDKs find the role by.

        Source: `get_caller_identity_arn` in aws/sagemaker-python-sdk src/sagemaker/session.py
        """
        body = self._record.body
        owner = {} if OWNER not in body else {"UserProfileName": body[OWNER]}
        return {
            **{member: body[member] for member in ("AppType", "DomainId", "SpaceName")},
            **owner,
            "ExecutionRoleArn": body[ROLE],
            "ResourceArn": self._record.arn,
            "ResourceName": body["AppName"],
        }

    def _script(self, content: str) -> Step:
        file = self._place.sandbox.tmp / _SCRIPT_LOG
        file.write_bytes(base64.b64decode(content))
        file.chmod(0o755)
        arn = self._record.body["ResourceSpec"]["LifecycleConfigArn"]
        return Step(
            name=_SCRIPT_LOG,
            command=("/bin/bash", "-c", f"cd && /tmp/{_SCRIPT_LOG}"),
            log=_SCRIPT_LOG,
            seconds=self._pace.script_seconds,
            failure=f"LifecycleConfig {arn} {HOW}. See the log stream {self._stream}/{_SCRIPT_LOG} in {LOG_GROUP}.",
        )


def page_of(key: RecordKey, body: Mapping[str, Any]) -> RecordKey:
    """What names the page of an app: the space and the domain, as labels of a host name."""
    return key._replace(name=f"{body['SpaceName']}.{body['DomainId']}".lower())
