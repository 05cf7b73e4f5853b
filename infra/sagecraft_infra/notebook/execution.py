"""Runs a notebook on a notebook instance, cell by cell, by the API of its Jupyter server.

Source: "Messaging in Jupyter", "Jupyter Server WebSocket protocols", and "The Notebook file format".
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sagecraft_infra.errors import UserError, WorkFailed

from .page import NotebookPage

if TYPE_CHECKING:
    from .web_socket import WebSocket

Cell = dict[str, Any]
_FORMAT: Final = 4
_MAY_FAIL: Final = "raises-exception"
_VERSION: Final = "5.3"


@dataclass(frozen=True)
class CellRun:
    """A code cell that has run.

    Attributes:
        number: Among the code cells, from 1.
        count: How many these are.
        source: Its code.
        seconds: How long it took.
        error: What it raised, in one line; None where it went well.
    """

    number: int
    count: int
    source: str
    seconds: float
    error: str | None


def read_notebook(content: bytes, name: str) -> dict[str, Any]:
    """A notebook from the content of its file.

    Raises:
        UserError: It is none.
    """
    try:
        document = json.loads(content)
    except ValueError:
        raise UserError(f"{name} is no notebook: it is not JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise UserError(f"{name} is no notebook of format {_FORMAT}: it has no cells.")
    if document.get("nbformat") != _FORMAT:
        raise UserError(f"{name} is a notebook of format {document.get('nbformat')}; save it as format {_FORMAT}.")
    return document


def run_notebook(
    page: NotebookPage, name: str, document: dict[str, Any], on_cell: Callable[[CellRun], object]
) -> CellRun | None:
    """Runs all code cells, up to the first that fails, and saves the notebook with their outputs on the instance.

    Args:
        page: Of the instance.
        name: What the notebook is called on its volume.
        document: The notebook; the outputs go into it.
        on_cell: Is told each cell that has run.

    Returns:
        The cell that failed, if one did.

    Raises:
        WorkFailed: The instance, or its kernel, does not go on.
    """
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        cell |= {"outputs": [], "execution_count": None}
    _save(page, name, document)
    session = page.ask("POST", "/api/sessions", _session(page, name, document))
    try:
        with page.web_socket(f"/api/kernels/{session['kernel']['id']}/channels") as channels:
            return _run_cells(Kernel(channels), cells, on_cell)
    finally:
        _save(page, name, document)
        page.ask("DELETE", f"/api/sessions/{session['id']}")


def _run_cells(kernel: "Kernel", cells: list[Cell], on_cell: Callable[[CellRun], object]) -> CellRun | None:
    for number, cell in enumerate(cells, start=1):
        source = "".join(cell["source"])
        if not source.strip():
            continue
        begin = time.monotonic()
        error = kernel.run(cell, source)
        run = CellRun(number, len(cells), source, time.monotonic() - begin, error)
        on_cell(run)
        if error is not None and _MAY_FAIL not in cell.get("metadata", {}).get("tags", []):
            return run
    return None


class Kernel:
    """A kernel that runs cells.

    Args:
        channels: To it.
    """

    def __init__(self, channels: "WebSocket") -> None:
        self._channels, self._texts = channels, channels.texts()
        self._session = uuid.uuid4().hex

    def run(self, cell: Cell, source: str) -> str | None:
        """Runs a cell, and puts its outputs into it; returns what it raised, in one line.

        Raises:
            WorkFailed: The kernel ends, or the connection to it does.
        """
        request = uuid.uuid4().hex
        header = {"msg_id": request, "msg_type": "execute_request", "username": "", "session": self._session}
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        message = {"channel": "shell", "header": {**header, "version": _VERSION}, "parent_header": {}, "metadata": {}}
        self._channels.send(json.dumps({**message, "content": content, "buffers": []}))
        error, clear, idle, replied = None, False, False, False
        for kind, told in self._messages(request):
            match kind:
                case "status":
                    idle = idle or told["execution_state"] == "idle"
                case "execute_reply":
                    cell["execution_count"] = told.get("execution_count")
                    # A library may show what is raised in its own way, and only the reply tells of it then.
                    error = f"{told['ename']}: {told['evalue']}" if told["status"] == "error" else None
                    replied = True
                case "clear_output":
                    clear = True
                case "stream" | "display_data" | "execute_result" | "error":
                    if clear and not told.get("wait"):
                        cell["outputs"].clear()
                    clear = False
                    _add(cell["outputs"], kind, told)
            if idle and replied:
                return error
        raise WorkFailed("The connection to the kernel has ended.")

    def _messages(self, request: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """What the kernel tells of a request: the types of messages, and their contents."""
        for text in self._texts:
            message = json.loads(text)
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] in {"restarting", "dead", "autorestarting"}:
                raise WorkFailed("The kernel has ended: it was killed, or had no memory left.")
            if message["parent_header"].get("msg_id") == request:
                yield kind, content


def _add(outputs: list[dict[str, Any]], kind: str, told: dict[str, Any]) -> None:
    """Adds an output as the file format has it; what a stream goes on with goes to what it began with."""
    match kind:
        case "stream":
            last = outputs[-1] if outputs else {}
            if last.get("output_type") == "stream" and last["name"] == told["name"]:
                last["text"] += told["text"]
            else:
                outputs.append({"output_type": "stream", "name": told["name"], "text": told["text"]})
        case "error":
            members = ("ename", "evalue", "traceback")
            outputs.append({"output_type": "error", **{member: told[member] for member in members}})
        case _:
            counted = {"execution_count": told["execution_count"]} if kind == "execute_result" else {}
            outputs.append({"output_type": kind, "data": told["data"], "metadata": told["metadata"], **counted})


def _session(page: NotebookPage, name: str, document: dict[str, Any]) -> dict[str, Any]:
    """The request for a session with the kernel that a notebook names, or else the instance's own."""
    specifications = page.ask("GET", "/api/kernelspecs")
    named = document.get("metadata", {}).get("kernelspec", {}).get("name")
    kernel = named if named in specifications["kernelspecs"] else specifications["default"]
    return {"path": name, "name": name, "type": "notebook", "kernel": {"name": kernel}}


def _save(page: NotebookPage, name: str, document: dict[str, Any]) -> None:
    page.ask("PUT", f"/api/contents/{quote(name)}", {"type": "notebook", "format": "json", "content": document})
