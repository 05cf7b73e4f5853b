"""How a container is asked in a batch transform: what the request sets, else what the container says, else defaults.

Source: "Use Your Own Inference Code with Batch Transform" in the developer guide.
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_emulator.hosting.instance import LOOPBACK

MIB: Final = 1 << 20
DEFAULT_PAYLOAD_MB: Final = 6
DEFAULT_TIMEOUT_SECONDS: Final = 600
DEFAULT_RETRIES: Final = 3
MAX_PAYLOAD_MB: Final = 100
_ASK_SECONDS: Final = 2.0
_STRATEGIES: Final = {"SingleRecord": "SINGLE_RECORD", "MultiRecord": "MULTI_RECORD"}


@dataclass(frozen=True)
class TransformSettings:
    """How a container is asked.

    Attributes:
        concurrent: How many requests at once.
        multi_record: Whether a request holds as many records as fit.
        payload_bytes: How much a request holds at most; None for no limit.
        timeout_seconds: How long an answer may take.
        retries: How often a request is made again that was not answered, or with a server error.
    """

    concurrent: int
    multi_record: bool
    payload_bytes: int | None
    timeout_seconds: float
    retries: int

    @classmethod
    def of(cls, request: Mapping[str, Any], parameters: Mapping[str, Any]) -> "TransformSettings":
        """Those of a job.

        Args:
            request: Of `CreateTransformJob`.
            parameters: What the container answered to `GET /execution-parameters`.
        """
        client = request.get("ModelClientConfig", {})
        payload = request.get("MaxPayloadInMB", parameters.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB))
        concurrent = request.get("MaxConcurrentTransforms") or parameters.get("MaxConcurrentTransforms") or 1
        if payload:
            concurrent = max(1, min(concurrent, MAX_PAYLOAD_MB // payload))
        strategy = _STRATEGIES.get(request.get("BatchStrategy", ""), parameters.get("BatchStrategy", "MULTI_RECORD"))
        return cls(
            concurrent,
            strategy == "MULTI_RECORD",
            payload * MIB if payload else None,
            client.get("InvocationsTimeoutInSeconds", DEFAULT_TIMEOUT_SECONDS),
            client.get("InvocationsMaxRetries", DEFAULT_RETRIES),
        )

    def __str__(self) -> str:
        """In the words of the line that SageMaker writes at the head of a job's data log."""
        payload = 0 if self.payload_bytes is None else self.payload_bytes // MIB
        strategy = _STRATEGIES["MultiRecord" if self.multi_record else "SingleRecord"]
        return f"MaxConcurrentTransforms={self.concurrent}, MaxPayloadInMB={payload}, BatchStrategy={strategy}"


def batch_environment(request: Mapping[str, Any]) -> dict[str, str]:
    """The variables that a container is told of a batch transform: those that the user set."""
    variables = {"SAGEMAKER_BATCH": "true"}
    if "MaxPayloadInMB" in request:
        variables["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = str(request["MaxPayloadInMB"])
    if "BatchStrategy" in request:
        variables["SAGEMAKER_BATCH_STRATEGY"] = _STRATEGIES[request["BatchStrategy"]]
    if request.get("MaxConcurrentTransforms"):
        variables["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(request["MaxConcurrentTransforms"])
    return variables


def execution_parameters(port: int) -> dict[str, Any]:
    """What a container answers to `GET /execution-parameters`; nothing when it does not know the question."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_ASK_SECONDS)
    try:
        connection.request("GET", "/execution-parameters")
        answer = connection.getresponse()
        parameters = json.loads(answer.read()) if answer.status == http.client.OK else {}
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return parameters if isinstance(parameters, dict) else {}
