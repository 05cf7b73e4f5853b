"""`sagemaker` and `sagemaker-runtime` among LocalStack's services."""

from collections.abc import Callable
from typing import Any, Final

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.http import Request, Response
from localstack.services.plugins import Service, aws_provider

from sagecraft_emulator.api.absent_service import Asked, refuse
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.front.application import ENDPOINTS
from sagecraft_emulator.front.browser import FOREIGN_PAGE, is_of_a_foreign_page

from . import engine

Answer = Callable[[RequestContext], Response]
_SIGNING_NAME: Final = "sagemaker"
_SCOPE: Final = f"/{_SIGNING_NAME}/aws4_request"


class _Whole(Skeleton):  # type: ignore[misc]  # LocalStack is in environments of its own
    """Answers every operation of a service by one function, from the request as it came."""

    def __init__(self, service_name: str, answer: Answer) -> None:
        model = load_service(service_name)
        super().__init__(model, dict.fromkeys(model.operation_names, answer))
        self._answer = answer

    def invoke(self, context: RequestContext) -> Response:
        """Answers one request."""
        return foreign_page() if is_of_a_foreign_page(headers_of(context.request)) else self._answer(context)


def _control_plane(context: RequestContext) -> Response:
    service = engine.current().engine.service
    answer = service.handle(headers_of(context.request), context.request.get_data(), _caller(context))
    return Response(answer.body, answer.status, answer.headers)


def _runtime(context: RequestContext) -> Response:
    if context.operation.name != "InvokeEndpoint":
        return _absent(context.request)
    name = context.service_request["EndpointName"]
    answer = engine.current().invoke(_caller(context), name, headers_of(context.request), context.request.get_data())
    return Response(answer.body, answer.status, answer.headers)


def refuse_data_planes(chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """Refuses requests for data planes of SageMaker that are not here; LocalStack cannot tell which they are for."""
    headers = headers_of(context.request)
    is_sagemakers = _SCOPE in headers.get("authorization", "") and "x-amz-target" not in headers
    if is_sagemakers and not context.request.path.startswith(ENDPOINTS):
        response.update_from(_absent(context.request))
        chain.stop()


def _absent(request: Request) -> Response:
    query = request.query_string.decode("latin-1")
    asked = Asked(request.method, request.path, query, headers_of(request), request.get_data())
    refused = refuse(_SIGNING_NAME, asked)
    return Response(refused.body, refused.status, refused.headers)


def headers_of(request: Request) -> dict[str, str]:
    """The headers of a request, their names in lower case."""
    return {name.lower(): value for name, value in request.headers.items()}


def foreign_page() -> Response:
    """Refuses what a browser has sent for a page that is not of this machine."""
    refused = Response(status=FOREIGN_PAGE.status)
    refused.set_json({"message": FOREIGN_PAGE.message})
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
