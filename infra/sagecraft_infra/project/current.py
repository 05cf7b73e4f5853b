"""The project in the current directory, and the emulator that belongs to it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sagecraft_emulator.settings import DEFAULT_ACCOUNT, DEFAULT_PORT, DEFAULT_REGION, EmulatorSettings
from sagecraft_emulator.state import process_file

from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.emulator.external import EmulatorKind, ExternalEmulator
from sagecraft_infra.errors import UserError

from .region import check_region

STATE_DIR_NAME: Final = ".sagecraft"


@dataclass(frozen=True)
class Project:
    """A folder with an app in it, and the emulator that the app is deployed to.

    Attributes:
        directory: Where `cdk.json` is, or would be.
        settings: Of its emulator.
        account: The account that the emulator plays.
        region: The region that the emulator is asked in.
        app: The command that runs the app. Left out, that of `cdk.json`.
        app_environment: Which of the app's environments is meant. Left out, the one that the app takes by itself.
        external: The emulator that somebody else has started and that takes the place of the project's own, if any.
    """

    directory: Path
    settings: EmulatorSettings
    account: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    app: str | None = None
    app_environment: str | None = None
    external: ExternalEmulator | None = None

    @classmethod
    def here(
        cls,
        *,
        port: int | None = None,
        state_dir: Path | None = None,
        app: str | None = None,
        app_environment: str | None = None,
    ) -> "Project":
        """The project of the current directory.

        Args:
            port: Of the emulator. Left out, that of the emulator that uses the state directory, else 4566.
            state_dir: Left out, `.sagecraft` in the current directory.
            app: The command that runs the app. Left out, that of `cdk.json`.
            app_environment: Which of the app's environments. Left out, the one that the app takes by itself.

        Raises:
            UserError: A variable of the environment says of the emulator or the region what cannot be.
        """
        directory = Path.cwd()
        state = directory / STATE_DIR_NAME if state_dir is None else state_dir
        try:
            settings = EmulatorSettings(state_dir=state, port=DEFAULT_PORT)
        except ValueError as error:  # what a variable says
            raise UserError(str(error)) from error
        if port is None:
            # That of an emulator which was killed: it comes back where its clients look for it.
            recorded = process_file.read(settings)
            port = DEFAULT_PORT if recorded is None else recorded.port
        return cls(
            directory,
            EmulatorSettings(state_dir=state, port=port),
            region=_region(),
            app=app,
            app_environment=app_environment,
        )

    @property
    def endpoint_url(self) -> str:
        """Where the emulator of the project answers."""
        return self.settings.endpoint_url if self.external is None else self.external.endpoint_url

    @property
    def programs_port(self) -> int | None:
        """Where local programs of images are registered; None where the emulator runs none of this machine."""
        if self.external is None:
            return self.settings.port
        return self.external.port if self.external.runs_local_programs else None

    @property
    def meter_port(self) -> int | None:
        """Where an emulator of ours on this machine meters what the work would cost; None where there is none."""
        if self.external is None:
            return self.settings.port
        is_ours = self.external.kind is EmulatorKind.SAGECRAFT and self.external.runs_local_programs
        return self.external.port if is_ours else None

    @property
    def assembly_dir(self) -> Path:
        """Where the app is synthesized to."""
        return self.directory / "cdk.out"

    @property
    def cdk_home(self) -> Path:
        """What the CDK CLI remembers of this emulator, apart from what it remembers of AWS."""
        return self._of_emulator("cdk")

    @property
    def client_files_dir(self) -> Path:
        """Where the files are written that lead clients to this emulator; apart from those of any other."""
        return self._of_emulator("clients")

    @property
    def cdk_log(self) -> Path:
        """What the CDK CLI wrote the last time."""
        return self.settings.state_dir / "cdk.log"

    def _of_emulator(self, name: str) -> Path:
        if self.external is None:
            return self.settings.state_dir / name
        return self.settings.state_dir / f"{name}-{quote(self.external.endpoint_url, safe='')}"

    def check_app(self) -> None:
        """Makes sure that there is an app.

        Raises:
            UserError: No `--app` was given, and there is no `cdk.json`, or none that says how to run the app.
        """
        file = self.directory / "cdk.json"
        if not file.is_file():
            if self.app is not None:
                return
            raise UserError(
                f"There is no cdk.json in {self.directory}. Go to the folder of your app, say how to run it: "
                '--app "python app.py"; or make one: sagecraft init DIR'
            )
        try:
            content = json.loads(file.read_text())
        except ValueError as error:
            raise UserError(f"{file} is not JSON: {error}") from error
        if self.app is None and not (isinstance(content, dict) and isinstance(content.get("app"), str)):
            raise UserError(
                f'{file} does not say how to run the app. Add: "app": "python app.py"; or give --app "python app.py".'
            )

    def require_sagemaker(self) -> None:
        """Makes sure that the project's emulator answers for SageMaker.

        Raises:
            UserError: None answers, or one that somebody else has started and that has no SageMaker.
        """
        external = self.external
        if external is None:
            emulator_process.require(self.settings)
        elif not external.has_sagemaker:
            raise UserError(
                f"{external.name} at {external.endpoint_url} has no SageMaker. Install Sagecraft in its environment, "
                "if it is LocalStack, or leave out --endpoint-url."
            )


def _region() -> str:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if given := os.environ.get(variable):
            return check_region(given, variable)
    return DEFAULT_REGION
