"""Which image an app runs: SageMaker's own, or a version of one that its domain or its user has attached."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import resource_not_found, validation_error

from .app_image_config import AppImageConfigKind
from .version import ImageVersionKind

ResourceSpec = Mapping[str, str]

_IMAGE, _VERSION, _ALIAS = "SageMakerImageArn", "SageMakerImageVersionArn", "SageMakerImageVersionAlias"
_SAGEMAKERS_OWN: Final = frozenset({"sagemaker-distribution-cpu", "sagemaker-distribution-gpu"})
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-images.html"""
_CLEARED: Final = "None"
"""Source: `SageMakerImageVersionArn` in the API reference of `ResourceSpec`"""


class AttachedImages:
    """Finds the image of an app.

    Args:
        versions: Of images.
        configs: How apps run them.
    """

    def __init__(self, versions: ImageVersionKind, configs: AppImageConfigKind) -> None:
        self._versions, self._configs = versions, configs

    def of_app(
        self, caller: Caller, app_arn: str, spec: ResourceSpec, settings: Mapping[str, Any]
    ) -> tuple[dict[str, Any] | None, dict[str, str]]:
        """The image that a resource spec names; None for SageMaker's own.

        Args:
            caller: Whose the app is.
            app_arn: Of the app.
            spec: What it starts with.
            settings: What holds for apps of its type.

        Returns:
            What is run and how, and what the spec has not said of it.

        Raises:
            ApiError: There is no such image or version, it is not ready, or it is not attached.
        """
        arn = spec.get(_VERSION) or spec.get(_IMAGE)
        if arn is None:
            return None, {}
        _, _, _, region, account, path = arn.split(":", 5)
        name = path.split("/")[1]
        if name in _SAGEMAKERS_OWN and account != caller.account:
            return None, {}
        if (account, region) != (caller.account, caller.region):
            raise resource_not_found(f"Image [{arn}] does not exist.")
        attached = next(
            (each for each in settings.get("CustomImages", []) if each["ImageName"].lower() == name.lower()), None
        )
        if attached is None:
            # Source: https://github.com/aws/amazon-sagemaker-feedback/issues/110
            raise resource_not_found(
                f"Unable to launch App [{app_arn}] with Image [{name}] because it is not present in list of custom "
                f"images in AppSettings. Please update AppSettings to add Image [{name}] in list of custom images."
            )
        version = self._versions.chosen(caller, {"ImageName": name, **_which(spec, attached)})
        if version.status != "CREATED":
            raise validation_error(f"ImageVersion [{version.arn}] is {version.status}, not CREATED.")
        config = self._configs.record(caller, attached["AppImageConfigName"])
        run = config.body.get("JupyterLabAppImageConfig", {}).get("ContainerConfig", {})
        said = {_IMAGE: version.body["ImageArn"], _VERSION: version.arn}
        return {"Uri": version.body["ContainerImage"], **run}, said


def over(lower: ResourceSpec, upper: ResourceSpec) -> dict[str, str]:
    """A resource spec with another one over it: what names an image takes the place of all that did so below."""
    replaced: set[str] = set()
    if upper.keys() & {_IMAGE, _VERSION}:
        replaced = {_IMAGE, _VERSION, _ALIAS}
    elif _ALIAS in upper:
        replaced = {_VERSION}
    kept = {member: value for member, value in lower.items() if member not in replaced}
    return {member: value for member, value in {**kept, **upper}.items() if value != _CLEARED}


def _which(spec: ResourceSpec, attached: Mapping[str, Any]) -> dict[str, Any]:
    """How a version is chosen; the latest where nothing says another."""
    if _VERSION in spec:
        return {"Version": int(spec[_VERSION].rpartition("/")[2])}
    if _ALIAS in spec:
        return {"Alias": spec[_ALIAS]}
    return {"Version": attached["ImageVersionNumber"]} if "ImageVersionNumber" in attached else {}
