"""The JupyterLab of a space: it runs as that of a notebook instance does, in another home."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from sagecraft_emulator.notebook.environment.home import jupyter_python, variables
from sagecraft_emulator.notebook.environment.installation import SdkVersion
from sagecraft_emulator.notebook.environment.steps import HOW, Step
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.notebook.preparation import Preparation, fit_out
from sagecraft_emulator.notebook.server import NotebookServer
from sagecraft_emulator.notebook.volume import VolumeWatch
from sagecraft_emulator.state.store import RecordKey

from .place import place_of

LOG_GROUP: Final = "/aws/sagemaker/studio"
ROLE: Final = "_RoleArn"
SCRIPT: Final = "_OnStart"
VOLUME_GIB: Final = "_VolumeSizeInGb"
OWNER: Final = "_OwnerUserProfileName"
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
    """

    spoken: ClassVar[str] = "JupyterLab app"
    log_group: ClassVar[str] = LOG_GROUP
    root: ClassVar[Path] = _HOME

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
        outfit = fit_out(self._machine, self._record, body[ROLE], SdkVersion.V2, self._place, self._metadata())
        accounts = self._place.running / "accounts"
        accounts.write_text(_ACCOUNTS, encoding="utf-8")
        identity = outfit.given["/root/.aws"]
        user = {"HOME": str(_HOME), "USER": _USER, "LOGNAME": _USER}
        return Preparation(
            jupyter_python(),
            {**outfit.environment, **variables(outfit.jupyter, root_access=True), **user},
            [] if SCRIPT not in body else [self._script(body[SCRIPT])],
            given={
                str(_HOME): self._place.volume,  # before what lies in it
                **outfit.given,
                str(_HOME / ".aws"): identity,
                "/etc/passwd": accounts,
            },
            hidden=outfit.hidden(),
            reads=outfit.reads,
        )

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
