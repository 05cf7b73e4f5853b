"""`sagemaker` and `sagemaker-runtime` among LocalStack's services."""

from collections.abc import Callable
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.http import Request, Response
from localstack.services.plugins import Service, aws_provider

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.front.application import FOREIGN_PAGE, from_a_foreign_page

from . import engine

Answer = Callable[[RequestContext], Response]


class _Whole(Skeleton):  # type: ignore[misc]  # LocalStack is in environments of its own
    """Answers every operation of a service by one function, from the request as it came."""

    def __init__(self, service_name: str, answer: Answer) -> None:
        model = load_service(service_name)
        super().__init__(model, dict.fromkeys(model.operation_names, answer))
        self._answer = answer

    def invoke(self, context: RequestContext) -> Response:
        """Answers one request."""
        return foreign_page() if from_a_foreign_page(headers_of(context.request)) else self._answer(context)


def _control_plane(context: RequestContext) -> Response:
    service = engine.current().engine.service
    answer = service.handle(headers_of(context.request), context.request.get_data(), _caller(context))
    return Response(answer.body, answer.status, answer.headers)


def _runtime(context: RequestContext) -> Response:
    operation = context.operation.name
    if operation != "InvokeEndpoint":
        message = f"The operation '{operation}' is not done by this emulator. It does InvokeEndpoint."
        refused = Response(status=501, headers={"x-amzn-ErrorType": "NotImplemented"})
        refused.set_json({"Message": message})
        return refused
    name = context.service_request["EndpointName"]
    answer = engine.current().invoke(_caller(context), name, headers_of(context.request), context.request.get_data())
    return Response(answer.body, answer.status, answer.headers)


def headers_of(request: Request) -> dict[str, str]:
    """The headers of a request, their names in lower case."""
    return {name.lower(): value for name, value in request.headers.items()}


def foreign_page() -> Response:
    """Refuses what a browser has sent for a page that is not of this machine."""
    refused = Response(status=403)
    refused.set_json(FOREIGN_PAGE)
    return refused


def _caller(context: RequestContext) -> Caller:
    return Caller(context.account_id, context.region)


def _service(name: str, answer: Answer) -> Any:
    return Service(name=name, skeleton=_Whole(name, answer))


@aws_provider(api="sagemaker")  # type: ignore[untyped-decorator]  # as above
def sagemaker() -> Any:
    """SageMaker's control plane."""
    return _service("sagemaker", _control_plane)


@aws_provider(api="sagemaker-runtime")  # type: ignore[untyped-decorator]  # as above
def sagemaker_runtime() -> Any:
    """What invokes endpoints."""
    return _service("sagemaker-runtime", _runtime)
