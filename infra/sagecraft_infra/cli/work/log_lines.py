"""The lines of a log as people read them."""

import dataclasses
import json
import os
import sys

from sagecraft_infra.jobs.log import LogLine, WorkLog


def write_log(log: WorkLog, *, follow: bool, last: int | None = None, as_json: bool = False) -> None:
    """Writes the lines so far, then those that come; each after its host where there are several.

    Args:
        log: Whose lines.
        follow: Whether to wait for more.
        last: How many of the lines so far; left out, all.
        as_json: An object for each line.
    """
    try:
        for page in log.pages(follow=follow, last=last):
            sys.stdout.write("".join(f"{_shown(line, as_json=as_json)}\n" for line in page))
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as head, has seen enough; Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _shown(line: LogLine, *, as_json: bool) -> str:
    text = line.message.rstrip("\n")
    if as_json:
        return json.dumps(dataclasses.asdict(line))
    return f"{line.host} | {text}" if line.host else text
