"""The jobs that run on the emulator's machine, and those that wait for cores."""

import time
from typing import Any

from sagecraft_infra.terminal.output import note, results, status_text, table_of


def write_queue(queue: dict[str, Any]) -> None:
    """Writes what runs and what waits, if anything waits.

    Args:
        queue: The member `queue` of what the emulator tells of itself.
    """
    if not queue["waiting"]:
        return
    busy = sum(each["cores"] for each in queue["running"])
    note(f"{busy} of {queue['cores']} cores are busy; {len(queue['waiting'])} jobs wait for cores.")
    table = table_of("Job", "Kind", "State", "Cores", "Seconds")
    for each in queue["running"]:
        table.add_row(each["name"], each["kind"], status_text("Running"), str(each["cores"]), "")
    now = time.time()
    for each in queue["waiting"]:
        waited = f"{max(0.0, now - each['since']):.1f}"
        table.add_row(each["name"], each["kind"], status_text("Waiting"), str(each["cores"]), waited)
    results.print(table, "", sep="\n")
