"""A custom resource that is made as soon as the file is there that it is told of."""

import time
from pathlib import Path
from typing import Any


def on_event(event: dict[str, Any], context: object) -> dict[str, Any]:
    if event["RequestType"] == "Delete":  # also of one that was cancelled, whose id is made up
        return {}
    until = Path(event["ResourceProperties"]["Until"])
    while not until.exists():
        time.sleep(0.1)
    return {"PhysicalResourceId": "slow", "Data": {"WaitedFor": str(until)}}
