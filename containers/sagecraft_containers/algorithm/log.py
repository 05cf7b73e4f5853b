"""The lines that AWS's own algorithms write while they train, by which their metrics are found.

Source: logs of training jobs in the notebooks of `aws/amazon-sagemaker-examples`, and the expressions of the metrics in
the catalog.
"""

import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime


class TrainingLog:
    """Writes the log of one training job.

    Args:
        title: What the algorithm calls itself in its metrics, such as `Linear Learner`.
        host: This host's name.
    """

    def __init__(self, title: str, host: str) -> None:
        self._title, self._host = title, host

    def tell(self, text: str, level: str = "INFO") -> None:
        """A line with its time."""
        now = datetime.now(UTC).strftime("%m/%d/%Y %H:%M:%S")
        print(f"[{now} {level} {os.getpid()}] {text}", flush=True)

    def metrics(self, values: Mapping[str, float], begin: float, **dimensions: str | int) -> None:
        """A line of measured values that end now.

        Args:
            values: By name.
            begin: When the measure began, in seconds of the epoch.
            dimensions: What the values are of, such as an `epoch` or a `model`.
        """
        line = {
            "StartTime": begin,
            "EndTime": time.time(),
            "Dimensions": {"Algorithm": self._title, "Host": self._host, "Operation": "training", **dimensions},
            "Metrics": {name: {"sum": value, "count": 1, "min": value, "max": value} for name, value in values.items()},
        }
        print(f"#metrics {json.dumps(line)}\n", flush=True)

    def quality(self, channel: str, name: str, value: float, kind: str = "score", epoch: int | None = None) -> None:
        """A metric of a channel: of the finished model, or after an epoch.

        Args:
            channel: `train`, `validation` or `test`.
            name: As AWS's expressions have it.
            value: Of the metric.
            kind: `score` where more is better, `loss` where less is.
            epoch: From 0; None for the finished model.
        """
        after = "" if epoch is None else f"epoch={epoch}, "
        self.tell(f"#quality_metric: host={self._host}, {after}{channel} {name} <{kind}>={value!r}")

    def progress(self, done: int, epochs: int) -> None:
        """How much of the training is done."""
        self.tell(f"#progress_metric: host={self._host}, completed {100 * done / epochs:g} % of epochs")

    def throughput(self, records: int, begin: float) -> None:
        """How many records a second were trained with since a time."""
        rate = records / max(time.time() - begin, 1e-9)
        self.tell(f"#throughput_metric: host={self._host}, train throughput={rate!r} records/second")
