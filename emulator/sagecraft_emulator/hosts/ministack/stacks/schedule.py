"""`AWS::Scheduler::Schedule`, by the API of EventBridge Scheduler: ministack's own leaves out its time zone and times.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html
"""

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

_KEPT: Final = ("Name", "GroupName")
"""What cannot be changed of a schedule: another one replaces it."""
_NUMBERS: Final = {"MaximumWindowInMinutes", "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "TaskCount", "Weight"}


class ScheduleProvisioner:
    """Makes, changes and removes schedules.

    Args:
        client: A client of EventBridge Scheduler for the account and region of the present operation.
    """

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes a schedule; one without a name gets a random one."""
        name = properties.get("Name") or f"{stack_name}-{logical_id}-{secrets.token_hex(6)}"[-64:]
        made = self._client().create_schedule(**{**_of_api(properties), "Name": name})
        return name, {"Arn": made["ScheduleArn"]}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Changes a schedule, or makes another one where its name or group is another."""
        if any(old.get(name) != new.get(name) for name in _KEPT):
            return self.create(logical_id, new, stack_name)
        made = self._client().update_schedule(**{**_of_api(new), "Name": physical_id})
        return physical_id, {"Arn": made["ScheduleArn"]}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Removes a schedule. One that is gone already is no error."""
        client = self._client()
        group = {name: properties[name] for name in ("GroupName",) if name in properties}
        with suppress(client.exceptions.ResourceNotFoundException):
            client.delete_schedule(Name=physical_id, **group)


def _of_api(value: Any) -> Any:
    """A part of a template as the API takes it: numbers of templates may be texts."""
    match value:
        case Mapping():
            return {name: int(each) if name in _NUMBERS else _of_api(each) for name, each in value.items()}
        case list():
            return [_of_api(each) for each in value]
        case _:
            return value
