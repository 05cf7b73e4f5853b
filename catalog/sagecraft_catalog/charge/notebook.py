"""What notebook instances, and the apps and spaces of Studio, cost."""

import re
from decimal import Decimal
from typing import Final

from sagecraft_catalog.price.row import Component

from .charge import Charge, Cost, Rules, by_use, free, until_idle
from .resource import Resource
from .schedule import hours_between
from .span import NOTHING, Span
from .value import Value
from .work import options

_DEFAULT_VOLUME: Final = Span.of(5)
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html"""
_IDLE_SCRIPTS: Final = (
    re.compile(r"^idle_seconds=(\d+)$", re.MULTILINE),
    re.compile(r"^IDLE_TIME=(\d+)\b", re.MULTILINE),
)
"""What says in a script how many seconds it waits before it stops its notebook instance: ours, and AWS's sample.

Source: https://github.com/aws-samples/amazon-sagemaker-notebook-instance-lifecycle-config-samples (auto-stop-idle)
"""
_APP_SETTINGS: Final = {"JupyterLab": "JupyterLabAppSettings", "CodeEditor": "CodeEditorAppSettings"}
_NO_INSTANCE: Final = "system"


def notebook_instance(resource: Resource) -> Cost:
    """The instance while it runs, and its volume always."""
    hours, note = _hours(resource)
    volume = resource.get("VolumeSizeInGB").span(_DEFAULT_VOLUME)
    return Cost(
        charges=(
            Charge(component=Component.NOTEBOOK, items=options(resource.get("InstanceType")), hours=hours, note=note),
            Charge(component=Component.STORAGE, items=("notebook",), quantity=volume),
        )
    )


def _hours(resource: Resource) -> tuple[Span, str]:
    """How long a notebook instance runs: from its schedule's start to its stop, or until it stops by itself."""
    hours = hours_between(resource, "startNotebookInstance", "stopNotebookInstance")
    if hours is None:
        return until_idle(_idle_stop(resource))
    return Span(hours, hours), f"{round(hours, 1).normalize():f} h by its schedule"


def stops_when_idle(resource: Resource) -> bool | None:
    """Whether somebody's machine stops when nobody works on it, as far as templates tell; None for what is none."""
    match resource.type:
        case "AWS::SageMaker::NotebookInstance":
            return _idle_stop(resource) is not None
        case "AWS::SageMaker::App":
            return not app(resource).charges or _idle_app(resource) is not None
        case "AWS::SageMaker::Domain":
            return all(_idle_seconds(resource, settings) is not None for settings in _APP_SETTINGS.values())
        case _:
            return None


def _idle_stop(resource: Resource) -> Decimal | None:
    config = resource.referred("LifecycleConfigName")
    if config is None:
        return None
    scripts = [each.get("Content").text() for name in ("OnStart", "OnCreate") for each in config.get(name).members()]
    found = [match for script in scripts for each in _IDLE_SCRIPTS if (match := each.search(script)) is not None]
    return Decimal(found[0][1]) if found else None


def app(resource: Resource) -> Cost:
    """The instance of an app of Studio."""
    types = resource.get("ResourceSpec", "InstanceType")
    if types.is_missing or _NO_INSTANCE in types.texts():
        return Cost()
    hours, note = until_idle(_idle_app(resource))
    return Cost(charges=(Charge(component=Component.STUDIO, items=options(types), hours=hours, note=note),))


def _idle_app(resource: Resource) -> Decimal | None:
    """How long an app waits, as the settings of its domain say."""
    domain, settings = resource.referred("DomainId"), _APP_SETTINGS.get(resource.get("AppType").text())
    return None if domain is None or settings is None else _idle_seconds(domain, settings)


def _idle_seconds(domain: Resource, settings: str) -> Decimal | None:
    idle = domain.get("DefaultUserSettings", settings, "AppLifecycleManagement", "IdleSettings")
    minutes = idle.get("IdleTimeoutInMinutes").span(NOTHING)
    if idle.get("LifecycleManagement").text() != "ENABLED" or minutes.high is None or not minutes.high:
        return None
    return minutes.high * 60


def space(resource: Resource) -> Cost:
    """The volume of a space of Studio; its app is somebody's who opens it."""
    volume = resource.get("SpaceSettings", "SpaceStorageSettings", "EbsStorageSettings", "EbsVolumeSizeInGb")
    charges = () if volume.is_missing else (_volume(volume),)
    return Cost(charges=charges, by_use="an app in it, while it runs")


def _volume(gib: Value) -> Charge:
    return Charge(component=Component.STORAGE, items=("studio",), quantity=gib.span(NOTHING))


NOTEBOOK: Final[Rules] = {
    "AWS::SageMaker::NotebookInstance": notebook_instance,
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": free,
    "AWS::SageMaker::CodeRepository": free,
}
STUDIO: Final[Rules] = {
    "AWS::SageMaker::App": app,
    "AWS::SageMaker::Space": space,
    "AWS::SageMaker::Domain": by_use("the files of its users, and what they start"),
    "AWS::SageMaker::UserProfile": by_use("an app of theirs, while it runs"),
    "AWS::SageMaker::StudioLifecycleConfig": free,
    "AWS::SageMaker::Image": free,
    "AWS::SageMaker::ImageVersion": free,
    "AWS::SageMaker::AppImageConfig": free,
    "Custom::SageMakerStudioContents": free,
}
