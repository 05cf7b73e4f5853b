"""Where the spaces of Studio are on this machine."""

from pathlib import Path

from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.state.store import Record


def places(work_dir: Path) -> Path:
    """Where all spaces are."""
    return work_dir / "studio"


def place_of(work_dir: Path, record: Record) -> Place:
    """Where a space is, also by the record of an app in it. Its volume outlives the app."""
    account, region = record.key.account, record.key.region
    domain_id, space = record.body["DomainId"], record.body["SpaceName"].lower()
    return Place(places(work_dir) / f"{account}-{region}-{domain_id}-{space}")
