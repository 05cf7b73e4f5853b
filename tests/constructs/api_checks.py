"""Whether SageMaker's API would take a request that a construct makes."""

from typing import Any

import botocore.session
from botocore.validate import ParamValidator


def assert_is_what_the_api_takes(request: dict[str, Any], operation: str, name: str) -> None:
    """As botocore's model has it; a value that is known at deployment alone counts as text."""
    model = botocore.session.get_session().get_service_model("sagemaker").operation_model(operation)
    assert model.input_shape is not None
    report = ParamValidator().validate({name: "name", **_resolved(request)}, model.input_shape)
    assert not report.has_errors(), report.generate_report()


def _resolved(value: Any) -> Any:
    match value:
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::Join": _} | {"Fn::Sub": _} | {"Fn::FindInMap": _}:
            return "arn:aws:iam::123456789012:role/known-later"
        case dict():
            return {key: _resolved(each) for key, each in value.items()}
        case list():
            return [_resolved(each) for each in value]
        case _:
            return value
