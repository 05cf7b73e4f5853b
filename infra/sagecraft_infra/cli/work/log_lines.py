"""The lines of a log as people read them."""

import dataclasses
import json
import os
import sys

from sagecraft_infra.jobs.log import WorkLog


def write_log(log: WorkLog, *, follow: bool, as_json: bool = False) -> None:
    """Writes the lines so far, then those that come; each after its host where there are several.

    Args:
        log: Whose lines.
        follow: Whether to wait for more.
        as_json: An object for each line.
    """
    try:
        for line in log.lines(follow=follow):
            text = line.message.rstrip("\n")
            shown = json.dumps(dataclasses.asdict(line)) if as_json else f"{line.host} | {text}" if line.host else text
            sys.stdout.write(shown + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as head, has seen enough; Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
