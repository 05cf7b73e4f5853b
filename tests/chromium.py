"""A real browser of a test: Chromium without a window, driven by the Chrome DevTools Protocol.

Source: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from tests.emulator.web_socket import WebSocket

EXECUTABLE: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""Where it is; None where there is none."""
WAIT_SECONDS: Final = 300
_CONTROL: Final = 2
_SHIFT: Final = 8


class Chromium:
    """A browser with nothing in it, and one page.

    Args:
        profile: A directory of its own, which is made.
    """

    def __init__(self, profile: Path) -> None:
        assert EXECUTABLE is not None
        profile.mkdir()
        self._log = (profile / "log").open("wb")
        options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1280,900")
        self._process = subprocess.Popen(
            [EXECUTABLE, *options, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        told = profile / "DevToolsActivePort"
        wait_until(lambda: self._process.poll() is not None or (told.exists() and told.read_text().count("\n")))
        assert self._process.poll() is None, (profile / "log").read_text()
        self._port = int(told.read_text().partition("\n")[0])
        self.page = Page(self._port, self._target())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.page.close()
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def _target(self) -> str:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=60)) as connection:
            connection.request("GET", "/json/list")
            pages = json.loads(connection.getresponse().read())
        [url] = [str(page["webSocketDebuggerUrl"]) for page in pages if page["type"] == "page"]
        return urlsplit(url).path


class Page:
    """What a person sees and does.

    Args:
        port: Of the browser.
        target: The path of the page there.
    """

    def __init__(self, port: int, target: str) -> None:
        self._socket = WebSocket(port, f"127.0.0.1:{port}", target, {})
        self._texts = self._socket.texts()
        self._asked = 0

    def close(self) -> None:
        """Lets go of it."""
        self._socket.__exit__(None, None, None)

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the browser answers to a command."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        for text in self._texts:
            told = json.loads(text)
            if told.get("id") == self._asked:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result
        raise AssertionError("the browser has ended")

    def open(self, url: str) -> None:
        """Goes to a URL."""
        self.command("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    @property
    def text(self) -> str:
        """All that can be read on it."""
        return str(self.evaluate("document.body ? document.body.innerText : ''"))

    def wait_for(self, selector: str, text: str = "") -> None:
        """Waits until an element is there and holds a text."""
        found = (
            f"[...document.querySelectorAll({selector!r})].some(each => each.innerText.includes({json.dumps(text)}))"
        )
        wait_until(lambda: self.evaluate(found))

    def click(self, selector: str) -> None:
        """Presses the mouse on the first element of a kind, once it is there."""
        self.wait_for(selector)
        place = self.evaluate(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
            f"(document.querySelector({selector!r}).getBoundingClientRect())"
        )
        at = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, **at)

    def write(self, text: str) -> None:
        """Types a text into what has the focus."""
        self.command("Input.insertText", text=text)

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """Presses a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.command(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=modifiers,
            )

    def run_cell(self) -> None:
        """Shift and Enter."""
        self.press("Enter", 13, _SHIFT)

    def save(self) -> None:
        """Control and S."""
        self.press("s", 83, _CONTROL)

    def picture(self, file: Path) -> None:
        """Writes what is seen of it as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"]))


def wait_until(done: Callable[[], object]) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
