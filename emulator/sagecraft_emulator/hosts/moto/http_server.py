"""moto's backends over HTTP on the loopback interface, for what runs in threads and processes of its own.

In-process moto answers calls of boto3 in its own process alone. A job is a process, so it reaches S3 here: the same
backends, so that it sees what the test has written, and the test sees what it writes. A request goes the way that moto
sends one of boto3, under the host name that it would have on AWS. moto's own server would do as well, and wants
Flask and the extras of every service.
"""

import threading
from typing import Final

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from sagecraft_emulator.authorization.credential import read_credential
from sagecraft_emulator.settings import DEFAULT_REGION, HOST

_SAGEMAKER: Final = "sagemaker"
_RUNTIME_PATH: Final = "/endpoints/"


class _QuietHandler(WSGIRequestHandler):
    """Writes no line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Writes nothing; an error is answered to who asked."""


class MotoServer:
    """A server that is up when it is made, on a free port."""

    def __init__(self) -> None:
        self._server = make_server(HOST, 0, _answer, threaded=True, request_handler=_QuietHandler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="moto-server", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self._server.server_port}"

    def stop(self) -> None:
        """Answers no more, and frees the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@Request.application
def _answer(request: Request) -> Response:
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name.lower() != "host":
            headers[name] = value
    raw_path = request.environ.get("RAW_URI", request.full_path)
    url = f"https://{_host(request)}{raw_path}"
    prepared = AWSPreparedRequest(request.method, url, headers, request.get_data(), stream_output=False)
    answer = botocore_stubber.process_request(prepared)
    if answer is None:
        return Response(f"moto has no service at {url}.", 404)
    status, answer_headers, body = answer
    response = Response(body, status, answer_headers)
    if request.method == "HEAD" and "content-length" in answer_headers:
        response.headers["Content-Length"] = str(answer_headers["content-length"])
    return response


def _host(request: Request) -> str:
    """The name that the host of a request has on AWS. One that nobody has signed is for S3."""
    credential = read_credential(request.headers.get("Authorization", ""))
    region, service = (DEFAULT_REGION, "s3") if credential is None else (credential.region, credential.service)
    if service == _SAGEMAKER:
        service = f"{'runtime' if request.path.startswith(_RUNTIME_PATH) else 'api'}.{_SAGEMAKER}"
    return f"{service}.{region}.amazonaws.com"
