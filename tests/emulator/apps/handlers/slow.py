"""A custom resource that takes as many seconds as it is told to make."""

import time
from typing import Any


def on_event(event: dict[str, Any], context: object) -> dict[str, Any]:
    seconds = event["ResourceProperties"]["Seconds"]
    if event["RequestType"] != "Delete":
        time.sleep(float(seconds))
    return {"PhysicalResourceId": "slow", "Data": {"Waited": seconds}}
