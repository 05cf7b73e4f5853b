"""The guide's leaderboard, of candidates whose metric is to be large, and of those whose metric is to be small."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from .document import ROOT, blocks


def candidate(name: str, reached: float | None, kind: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "CandidateName": name,
        "ObjectiveStatus": "Failed" if reached is None else "Succeeded",
        "CandidateSteps": [],
        "CandidateStatus": "Failed" if reached is None else "Completed",
        "CreationTime": 1,
        "LastModifiedTime": 1,
    }
    if reached is not None:
        told["FinalAutoMLJobObjectiveMetric"] = {"Type": kind, "MetricName": "RMSE", "Value": reached}
    return told


@pytest.mark.parametrize(("kind", "order"), [("Maximize", ["c", "a", "b"]), ("Minimize", ["b", "a", "c"])])
def test_the_leaderboard_of_the_guide_has_the_best_first(
    kind: str, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_FinalAutoMLJobObjectiveMetric.html
    (code,) = [block.text for block in blocks(ROOT / "docs/guide/automl.md") if "def leaderboard" in block.text]
    client = boto3.client("sagemaker", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    told = [candidate("a", 2.0, kind), candidate("b", 1.0, kind), candidate("failed", None, kind)]
    names: dict[str, Any] = {}
    with Stubber(client) as stubber:
        stubber.add_response("list_candidates_for_auto_ml_job", {"Candidates": told, "NextToken": "more"})
        stubber.add_response("list_candidates_for_auto_ml_job", {"Candidates": [candidate("c", 3.0, kind)]})
        monkeypatch.setattr("boto3.client", lambda _: client)
        exec(code, names)
        assert [row[0] for row in names["leaderboard"]("job")] == order
