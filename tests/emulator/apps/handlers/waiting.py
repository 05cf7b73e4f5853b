"""A custom resource that is complete at the second time of asking."""

from typing import Any

_asked: set[str] = set()


def on_event(event: dict[str, Any], context: object) -> dict[str, Any]:
    return {"PhysicalResourceId": event.get("PhysicalResourceId", "waiting")}


def is_complete(event: dict[str, Any], context: object) -> dict[str, Any]:
    if event["RequestId"] not in _asked:
        _asked.add(event["RequestId"])
        return {"IsComplete": False}
    return {"IsComplete": True, "Data": {"Answer": event["ResourceProperties"]["Text"].upper()}}
