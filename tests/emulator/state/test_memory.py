"""What the process keeps of its memory."""

import gc

from sagecraft_emulator.state.memory import kept


def test_what_is_made_at_the_start_is_not_collected_and_what_comes_later_is() -> None:
    before = gc.get_freeze_count()
    try:
        with kept():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
