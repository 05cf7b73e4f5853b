"""No kind of work sees what the emulator keeps for all, nor what other work has, nor secrets of this machine."""

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog import algorithm
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.container.view import View, own_paths

from tests.emulator.conftest import RunningEmulator
from tests.emulator.hosting import serving
from tests.emulator.tuning.tuning import TinyTuning, definition, tuning_config
from tests.emulator.world import REGION, World

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")

OWN = ("work/environments", "work/sagecraft-clients")
"""What all work shares, of the state directory."""
# Prints what it can read, also after it has tried to have it back, or to reach it from where it began.
SPY = """
    import ctypes, json, os
    from pathlib import Path

    def content(path):
        try:
            return path.read_bytes()
        except OSError:
            return b""

    def files(place):
        try:
            found = sorted(path for path in place.rglob("*") if path.is_file())
        except OSError:
            return []
        return [str(path.relative_to(place)) for path in found if content(path)]

    state, home = Path({state!r}), Path({home!r})
    libc = ctypes.CDLL(None)
    undone = [str(path) for path in (state, home / ".ssh") if libc.umount2(os.fsencode(path), 2) == 0]
    try:
        undone += set(os.listdir("/proc/1/fd")) - {{"0", "1", "2"}}
    except OSError:
        pass
    seen = [path for path in files(state) if not path.startswith({own})]
    secrets = [str(path) for path in Path("/etc").glob("*shadow*") if content(path)]
    beside = [str(path) for path in (Path.cwd() / "..").resolve().iterdir() if path.name.startswith("algo-")]
    print(json.dumps({{"seen": seen, "home": files(home), "secrets": secrets + undone + beside}}), flush=True)
"""
NOTHING = {"seen": [], "home": [".config/pip/pip.conf", "data/rows.csv"], "secrets": []}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of this machine's user. It and the state directory are seen: packages lie in the same part of `/tmp`."""
    home = tmp_path / "home"
    files = (".ssh/id_ed25519", ".aws/credentials", ".netrc", ".config/gh/hosts.yml", ".config/pip/pip.conf")
    for name in (*files, "data/rows.csv"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("of the user")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(sys, "path", [*sys.path, str(home / "data")])
    own_paths.cache_clear()
    yield home
    own_paths.cache_clear()


def spy(state: Path, home: Path) -> str:
    return textwrap.dedent(SPY).format(state=str(state), home=str(home), own=OWN)


def training(world: World, program: str) -> str:
    key = world.job(world.register(program, use="train"))
    assert world.end(key).status == "Completed"
    return f"TrainingJobs {key.name}"


def script(image: str) -> Callable[[World, str], str]:
    def run(world: World, program: str) -> str:
        code = world.archive({"spy.py": program.encode()})
        names = {"sagemaker_program": "spy.py", "sagemaker_submit_directory": code}
        key = world.job(image, HyperParameters={name: json.dumps(value) for name, value in names.items()})
        assert world.end(key).status == "Completed"
        return f"TrainingJobs {key.name}"

    return run


def processing(world: World, program: str) -> str:
    key = world.processing_job(program)
    assert world.end(key).status == "Completed"
    return f"ProcessingJobs {key.name}"


def serving_program(program: str) -> str:
    return f"{program}\n{textwrap.dedent(serving.SERVE)}"


def endpoint(world: World, program: str) -> str:
    image = world.register(serving_program(program), use="serve")
    key = serving.in_service(world, serving.variant("a", serving.add_model(world, image)))
    world.endpoints.shutdown()
    return f"Endpoints/{key.name} a/"


def transform(world: World, program: str) -> str:
    image = world.register(serving_program(program), use="serve")
    key = world.transform_job(serving.add_model(world, image), world.put("input/rows.csv", b"1\n"))
    assert world.end(key).status == "Completed"
    return f"TransformJobs {key.name}"


@pytest.mark.parametrize(
    "work",
    [
        training,
        pytest.param(script(algorithm("sklearn").image_uri("1.4-2", REGION)), id="script"),
        processing,
        endpoint,
        transform,
    ],
)
def test_work_sees_nothing_of_the_state_of_other_work_and_of_secrets(
    world: World, home: Path, work: Callable[[World, str], str]
) -> None:
    for name in ("host/state.sqlite3", "emulator.log", "work/TrainingJob/another/algo-1/ml/input/rows.csv"):
        (world.state_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (world.state_dir / name).write_text("of another")
    group, prefix = work(world, spy(world.state_dir, home)).split()
    lines = world.log_lines(f"/aws/sagemaker/{group}", prefix)
    assert [json.loads(line) for line in lines if line.startswith('{"seen"')] == [NOTHING]


def test_a_trial_sees_nothing_of_the_emulators_state(emulator: RunningEmulator, tmp_path: Path) -> None:
    tiny = TinyTuning(emulator, tmp_path)
    program = Path(tiny.program)
    program.write_text(spy(emulator.settings.state_dir, tmp_path / "home") + program.read_text())
    name = tiny.name()
    tiny.client.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=tuning_config(1, 1),
        TrainingJobDefinition=definition(tiny.image, tiny.output, {}),
    )
    assert tiny.end(name)["HyperParameterTuningJobStatus"] == "Completed"
    [trial] = tiny.trials(name)
    logs = emulator.client("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=trial["TrainingJobName"]
    )
    told: list[Any] = [json.loads(each["message"]) for each in logs["events"] if '"seen"' in each["message"]]
    assert [each["seen"] for each in told] == [[]]


def test_of_a_home_is_seen_what_is_needed_and_no_link_is_followed_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kept in (".cache/sagecraft", ".pyenv/versions/3", ".venv", "work", "settings/editor"):
        (tmp_path / kept).mkdir(parents=True)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".netrc").touch()
    (tmp_path / "python").symlink_to(".pyenv/versions/3")
    (tmp_path / ".linked").symlink_to("work")
    (tmp_path / ".editor").symlink_to("settings/editor")
    monkeypatch.setenv("HOME", str(tmp_path))
    needed = [tmp_path / ".cache/sagecraft/environment", tmp_path / "python", tmp_path / ".venv", tmp_path / "work/a"]
    view = View.of(tmp_path / "state", needed)
    hidden = [path.name for path in view.hidden if path.parent == tmp_path]
    assert hidden == ["state", ".editor", ".netrc", ".ssh"]
    assert view.without([str(tmp_path / ".ssh")]).hidden == [each for each in view.hidden if each.name != ".ssh"]
