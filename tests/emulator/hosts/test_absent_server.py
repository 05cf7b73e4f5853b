"""What a start of the emulator leaves out."""

import subprocess
import sys
import textwrap
from pathlib import Path


def test_a_start_imports_nothing_that_few_ever_need(tmp_path: Path) -> None:
    code = f"""
        import sys
        from pathlib import Path
        from sagecraft_emulator.composition import Emulator
        from sagecraft_emulator.front.invocation_protocol import front_protocol
        from sagecraft_emulator.settings import EmulatorSettings

        Emulator(EmulatorSettings(Path({str(tmp_path)!r})), lambda: None)
        needless = {{"botocore.client", "h11", "h2", "hypercorn", "importlib.metadata", "re2", "websockets", "wsproto"}}
        needless |= {{f"sagecraft_emulator.{{each}}.job" for each in ("processing", "transform")}}
        assert not needless & sys.modules.keys(), needless & sys.modules.keys()

        import h11
        from hypercorn.config import Config
        from ministack.core import hypercorn_compat

        assert h11.Request.__module__ == "h11._events"
        assert Config().include_server_header
        hypercorn_compat.install()
        sys.stdout.flush()
        import os
        os._exit(0)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=60)
