"""Lifecycle configurations of Studio: scripts that run when an app is started."""

import base64
from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.errors import ApiError, resource_in_use, resource_not_found, validation_error
from sagecraft_emulator.state.store import Record


class StudioLifecycleConfigKind(ResourceKind):
    """`CreateStudioLifecycleConfig` and its siblings."""

    kind, arn_type = "StudioLifecycleConfig", "studio-lifecycle-config"
    spoken, plural, list_member = "studio lifecycle config", "StudioLifecycleConfigs", "StudioLifecycleConfigs"
    filters = frozenset({"AppTypeEquals"})

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a lifecycle configuration.

        Raises:
            ApiError: Its content is not base64, or the name is taken.
        """
        try:
            base64.b64decode(request["StudioLifecycleConfigContent"], validate=True)
        except ValueError:  # no base64, or not even ASCII
            raise validation_error("StudioLifecycleConfigContent must be base64 encoded.") from None
        return super().create(caller, request)

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes a lifecycle configuration that no domain, user profile, space or app names.

        Raises:
            ApiError: One does, or there is none of that name.
        """
        record = self.record(caller, self.name_in(request))
        named = f'"{record.arn}"'
        for kind in ("Domain", "UserProfile", "Space", "App"):
            for each in self.store.find(kind, caller.account, caller.region):
                if named in each.text and each.status != "Deleted":
                    raise resource_in_use(
                        f"Unable to delete StudioLifecycleConfig [{record.arn}] because {kind} [{each.arn}] names it."
                    )
        return super().delete(caller, request)

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a lifecycle configuration passes the filters of a List request."""
        app_type = record.body["StudioLifecycleConfigAppType"]
        return super().passes(record, request) and request.get("AppTypeEquals", app_type) == app_type

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        return resource_in_use(f"StudioLifecycleConfig [{arn}] already exists.")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - the ARN has the name
        """AWS's answer to a name that there is not."""
        return resource_not_found(f"StudioLifecycleConfig [{arn}] does not exist.")
