"""The process that writes Parquet files: begun when there is one to write, ended when there is none for a while."""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sagecraft_emulator.errors import EmulatorError


class ParquetError(EmulatorError):
    """A file could not be written."""


class ParquetProcess:
    """A process of `parquet.py`. One thread at a time may use it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def write(self, request: Mapping[str, Any]) -> None:
        """Writes one file.

        Args:
            request: What it is written of, as the program reads it.

        Raises:
            ParquetError: It could not be written, or the process ended.
        """
        process = self._process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            said = process.stdout.readline()
        except OSError as error:
            self.end()
            raise ParquetError(f"The process that writes Parquet files has ended: {error}") from error
        if not said:
            self.end()
            raise ParquetError("The process that writes Parquet files has ended. Is pyarrow installed?")
        if said.strip():
            raise ParquetError(said.strip())

    def end(self) -> None:
        """Ends it; the next file begins another one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]  # both are pipes

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-P", "-m", f"{__package__}.parquet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
