"""What endpoints of AWS's algorithms answer: requests of the developer guide, and the answers on the pages beside them.

The models are made here, so that they answer what those pages show.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"
RECORDS = "application/x-recordio-protobuf"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/"
COMMON = f"{_GUIDE}cdf-inference.html"
_UNUSABLE = "unable to evaluate payload provided: "


@dataclass(frozen=True)
class Asked:
    """A request to an endpoint, and AWS's answer.

    Attributes:
        model: Whose endpoint it is.
        case: What is asked, in a few words.
        content_type: Of the body.
        body: As text; rows as lists where it is made of records.
        accept: What the answer is to be; None where the request does not say.
        answer: The document, one of each line, or a mapping of each record; for a refusal what its text begins with.
        source: Where AWS's answer is known from.
        status: Of the answer.
    """

    model: str
    case: str
    content_type: str | None
    body: Any
    accept: str | None
    answer: Any
    source: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.model}: {self.case}"


def _instances(*rows: list[float]) -> str:
    return json.dumps({"instances": [{"features": row} for row in rows]})


def _lines(*rows: Mapping[str, Any]) -> str:
    return "\n".join(map(json.dumps, rows))


_ROW = [1.5, 16.0, 14.0, 23.0]
_DATA = {"data": {"features": {"values": _ROW}}}
_SPARSE = {"data": {"features": {"keys": [0, 1, 3], "shape": [4], "values": [1, 4, 1]}}}
_BINARY, _CLASSES = {"score": 0.4, "predicted_label": 0}, {"score": [0.1, 0.2, 0.4, 0.3], "predicted_label": 2}
_REGRESSION, _CLUSTER = {"score": 0.4}, {"closest_cluster": 1.0, "distance_to_cluster": 3.0}
_VERBOSE = {"predicted_label": 0.0, "distances": [1.0, 2.0, 3.0], "labels": [0.0, 1.0, 0.0]}
_LL, _KM, _KNN = f"{_GUIDE}LL-in-formats.html", f"{_GUIDE}km-in-formats.html", f"{_GUIDE}kNN-inference-formats.html"
_PCA, _RCF, _FM = f"{_GUIDE}PCA-in-formats.html", f"{_GUIDE}rcf-in-formats.html", f"{_GUIDE}fm-in-formats.html"
_LDA = "aws/amazon-sagemaker-examples, LDA-Introduction.ipynb: prediction['topic_mixture'] of results['predictions']"

READ = [
    Asked("binary", case, content_type, body, JSON, {"predictions": [_BINARY] * rows}, COMMON)
    for case, content_type, body, rows in (
        ("a row of CSV", CSV, "1.5,16.0,14,23.0", 1),
        ("CSV that says it has no label", "text/csv;label_size=0", "1.5,16.0,14,23.0\n", 1),
        ("rows of JSON", JSON, _instances(_ROW, [-2.0, 100.2, 15.2, 9.2]), 2),
        ("JSON as the protocol buffers are", JSON, json.dumps({"instances": [_DATA]}), 1),
        ("sparse JSON", JSON, json.dumps({"instances": [_SPARSE]}), 1),
        ("a body without a content type", None, _instances(_ROW), 1),
        ("JSON Lines, each of another form", LINES, _lines(_SPARSE, _DATA, {"features": _ROW}), 3),
        ("records", RECORDS, [_ROW, _ROW], 2),
    )
]
ANSWERED = [
    Asked("binary", "JSON Lines", LINES, _lines(_DATA, _DATA), LINES, [_BINARY, _BINARY], _LL),
    Asked("binary", "records", CSV, "1,2,3,4", RECORDS, [{"score": [0.4], "predicted_label": [0]}], _LL),
    Asked("binary", "anything is JSON", CSV, "1,2,3,4", "*/*", {"predictions": [_BINARY]}, _LL),
    Asked("classes", "JSON", JSON, _instances(_ROW), JSON, {"predictions": [_CLASSES]}, _LL),
    Asked("classes", "records", CSV, "1,2,3,4", RECORDS, [{"score": _CLASSES["score"], "predicted_label": [2]}], _LL),
    Asked("regression", "JSON", CSV, "1,2,3,4", None, {"predictions": [_REGRESSION]}, _LL),
    Asked("regression", "JSON Lines", CSV, "1,2,3,4\n1,2,3,4", LINES, [_REGRESSION, _REGRESSION], _LL),
    Asked("kmeans", "JSON", CSV, "3,0", JSON, {"predictions": [_CLUSTER]}, _KM),
    Asked("kmeans", "JSON Lines", CSV, "3,0", LINES, [_CLUSTER], _KM),
    Asked("kmeans", "CSV", CSV, "3,0\n3,0", CSV, "1.0,3.0\n1.0,3.0\n", _KM),
    Asked("kmeans", "records", CSV, "3,0", RECORDS, [{"closest_cluster": [1], "distance_to_cluster": [3]}], _KM),
    Asked("pca", "JSON", CSV, "1,2,9", JSON, {"projections": [{"projection": [1.0, 2.0]}]}, _PCA),
    Asked("pca", "JSON Lines", CSV, "1,2,9", LINES, [{"projection": [1.0, 2.0]}], _PCA),
    Asked("pca", "records", CSV, "1,2,9", RECORDS, [{"projection": [1.0, 2.0]}], _PCA),
    Asked("knn", "JSON", CSV, "0", JSON, {"predictions": [{"predicted_label": 0.0}]}, _KNN),
    Asked("knn", "JSON with neighbors", CSV, "0", "application/json; verbose=true", {"predictions": [_VERBOSE]}, _KNN),
    Asked(
        "knn",
        "records with neighbors",
        CSV,
        "0",
        f"{RECORDS}; verbose=true",
        [{**_VERBOSE, "predicted_label": [0.0]}],
        _KNN,
    ),
    Asked("randomcutforest", "JSON", CSV, "0,0", JSON, {"scores": [{"score": 0.0}]}, _RCF),
    Asked("randomcutforest", "JSON Lines", JSON, _instances([0, 0], [0, 0]), LINES, [{"score": 0.0}] * 2, _RCF),
    Asked("factorization-machines", "JSON", JSON, _instances([1, 2]), JSON, {"predictions": [_BINARY]}, _FM),
    Asked("factorization-machines", "JSON Lines", JSON, _instances([1, 2]), LINES, [_BINARY], _FM),
    Asked("lda", "JSON", CSV, "2,0", JSON, {"predictions": [{"topic_mixture": [0.5, 0.5]}]}, _LDA),
]
_REFUSED = "the texts of AWS's own containers in issues of aws/amazon-sagemaker-examples; what follows is ours"
REFUSED = [
    *(
        Asked(model, case, content_type, body, None, _UNUSABLE + told, _REFUSED, 400)
        for model, case, content_type, body, told in (
            ("binary", "a feature is missing", CSV, "1,,3,4", "line 1: column 2 is empty"),
            (
                "binary",
                "a header",
                CSV,
                "a,b,c,d\n1,2,3,4",
                "line 1: 'a' is not a number, and this looks like a header",
            ),
            ("kmeans", "a feature too many", CSV, "1,2,3", "the model has 2 features, but the rows have 3"),
            ("knn", "not JSON", JSON, "{", "it is not JSON"),
            ("pca", "no rows", LINES, "", "there "),
            ("lda", "a negative count", CSV, "-1,2", "a number is negative"),
            ("randomcutforest", "not a number", JSON, '{"instances": [{"features": [NaN, 1]}]}', "row 1"),
        )
    ),
    Asked("binary", "an image", "image/png", "", None, "Content type 'image/png' is not supported", COMMON, 415),
    Asked("factorization-machines", "CSV", CSV, "1,2", None, "Content type 'text/csv' is not supported", COMMON, 415),
    Asked("pca", "CSV is to be answered", CSV, "1,2,3", CSV, "Accept 'text/csv' is not supported", _PCA, 406),
]
