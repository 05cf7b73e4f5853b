"""`sagecraft invoke`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import ClientError

from sagecraft_infra.cli.terminal.options import (
    EmulatorOption,
    EndpointUrlOption,
    JsonOption,
    PortOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.errors import UserError, WorkFailed
from sagecraft_infra.hosting.content_type import content_type_of
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import write_json

STANDARD_INPUT = "-"


def invoke(
    endpoint: Annotated[str, typer.Argument(help="Its name.")],
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="What it is asked; - is standard input.")],
    *,
    content_type: Annotated[
        str | None,
        typer.Option("--content-type", show_default="by the file's extension", help="The media type of FILE."),
    ] = None,
    accept: Annotated[
        str | None, typer.Option("--accept", show_default="the container's own", help="The media type of the answer.")
    ] = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    emulator: EmulatorOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Ask an endpoint, and write its answer.

    With --json, an object with the answer, its media type and the variant that gave it.
    """
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url, emulator=emulator)
    media_type = _media_type(file, content_type)
    body = _read(file)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    wanted = {} if accept is None else {"Accept": accept}
    try:
        response = chosen.sagemaker_runtime(chosen.region).invoke_endpoint(
            EndpointName=endpoint, ContentType=media_type, Body=body, **wanted
        )
    except ClientError as error:
        raise _explain(error) from error
    answer = response["Body"].read()
    if json:
        write_json(
            {
                "body": answer.decode(errors="replace"),
                "content_type": response["ContentType"],
                "invoked_production_variant": response.get("InvokedProductionVariant"),
            }
        )
        return
    sys.stdout.buffer.write(answer)
    if sys.stdout.isatty() and not answer.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def _media_type(file: str, content_type: str | None) -> str:
    if content_type is not None:
        return content_type
    if file == STANDARD_INPUT:
        raise UserError("The media type of standard input is not known. Give --content-type, such as text/csv.")
    return content_type_of(file)


def _read(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error


def _explain(error: ClientError) -> Exception:
    details = error.response.get("Error", {})
    text = f"{details.get('Code')}: {details.get('Message')}"
    if details.get("Code") == "ModelError":
        status = error.response.get("OriginalStatusCode", 500)
        return UserError(text) if isinstance(status, int) and 400 <= status < 500 else WorkFailed(text)
    if details.get("Code") in {"ValidationError", "ValidationException"}:
        return UserError(text)
    return error
