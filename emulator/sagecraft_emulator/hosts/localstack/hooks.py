"""What LocalStack calls at its start and its end."""

import logging
import os
from typing import Final

from localstack import config
from localstack.aws.handlers import preprocess_request
from localstack.http import Request, Response
from localstack.runtime import hooks
from localstack.services.cloudformation.resource_provider import plugin_manager
from localstack.services.edge import ROUTER
from localstack.utils.docker_utils import DOCKER_CLIENT

from sagecraft_emulator.front.application import ADMIN
from sagecraft_emulator.front.browser import is_of_a_foreign_page

from . import custom_resources, engine, lambda_executor
from .services import foreign_page, headers_of, refuse_data_planes

logger = logging.getLogger(__name__)

EXECUTOR_VARIABLE: Final = "LAMBDA_RUNTIME_EXECUTOR"
RESOURCE_TYPES: Final = "resource-types"


@hooks.on_infra_start()  # type: ignore[untyped-decorator]  # LocalStack is in environments of its own
def sagecraft_start() -> None:
    """Adds the routes, and chooses how Lambda functions run where the user has not."""
    ROUTER.add(f"{ADMIN}<path:path>", _answer)
    preprocess_request.append(refuse_data_planes)
    if EXECUTOR_VARIABLE not in os.environ and not DOCKER_CLIENT.has_docker():
        config.LAMBDA_RUNTIME_EXECUTOR = lambda_executor.NAME
        logger.info("There is no Docker: Lambda functions in Python and Node.js run as processes of this machine.")
    elif lambda_executor.NAME != config.LAMBDA_RUNTIME_EXECUTOR:
        logger.warning(
            "Lambda functions run in containers, which do not reach the ResponseURL of a custom resource on 127.0.0.1. "
            "To run those in Python and Node.js as processes of this machine, set %s=%s.",
            EXECUTOR_VARIABLE,
            lambda_executor.NAME,
        )


@hooks.on_infra_shutdown()  # type: ignore[untyped-decorator]  # as above
def sagecraft_shutdown() -> None:
    """Ends jobs, endpoints and functions, while LocalStack still takes their last logs."""
    engine.stop()
    lambda_executor.stop_all()


def _answer(request: Request, path: str) -> Response:
    """Answers a request under `/_sagecraft/`."""
    response = Response()
    if is_of_a_foreign_page(headers_of(request)):
        return foreign_page()
    responses = custom_resources.RESPONSES.removeprefix(ADMIN)
    if request.method == "PUT" and path.startswith(responses):
        waited = custom_resources.respond(path.removeprefix(responses), request.get_data())
        response.status_code = 200 if waited else 404
        return response
    if (request.method, path) == ("GET", RESOURCE_TYPES):
        response.set_json({"resource_types": sorted(plugin_manager.list_names())})
        return response
    status, members = engine.current().ask(request.method, path, request.args, request.get_data())
    response.status_code = status
    response.set_json(dict(members))
    return response
