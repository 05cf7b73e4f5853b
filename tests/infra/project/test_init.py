"""`sagecraft init`: what it makes, and what it refuses."""

import json
import signal
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # its types are not installed
from sagecraft_infra.cli.application import application
from sagecraft_infra.cli.run import run
from sagecraft_infra.errors import UserError
from sagecraft_infra.project.name import ProjectName
from sagecraft_infra.project.template import ProjectTemplate
from typer.testing import CliRunner

ROOT = Path(__file__).parents[3]


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {str(each): each.read_bytes() if each.is_file() else None for each in sorted(folder.rglob("*"))}


@pytest.fixture(params=list(ProjectTemplate))
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    request.param.make(tmp_path / "sea-voyage", ProjectName.parse("sea-voyage"))
    return tmp_path / "sea-voyage"


@pytest.fixture
def refuse(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., str]]:
    """Runs `sagecraft init`, which is to end with exit code 2, and returns what it wrote."""
    handler = signal.getsignal(signal.SIGTERM)

    def refused(*arguments: str | Path) -> str:
        assert run(["init", *map(str, arguments)]) == 2
        written = capsys.readouterr()
        assert written.out == ""
        return written.err

    yield refused
    signal.signal(signal.SIGTERM, handler)


def test_a_project_has_all_that_it_needs_and_nothing_of_the_templates_names(project: Path) -> None:
    files = {str(file.relative_to(project)) for file in project.rglob("*") if file.is_file()}

    assert {
        ".github/workflows/test.yml",
        ".gitignore",
        "README.md",
        "app.py",
        "cdk.json",
        "data/titanic.csv",
        "pyproject.toml",
        "sea_voyage/__init__.py",
        "sea_voyage/py.typed",
        "sea_voyage/settings.py",
        "sea_voyage/stack.py",
        "settings/dev.toml",
        "settings/prod.toml",
        "tests/__init__.py",
        "tests/conftest.py",
        "tests/test_environments.py",
        "tests/test_stack.py",
    } <= files
    for file in files:
        text = (project / file).read_text(encoding="utf-8")
        assert "sagecraft-project" not in text
        assert "sagecraft_project" not in text
        assert "SagecraftProject" not in text
        assert "sagecraft_project" not in file
    assert "class SeaVoyageStack(Stack):" in (project / "sea_voyage" / "stack.py").read_text()


def test_the_files_that_are_no_python_are_what_their_readers_expect(project: Path) -> None:
    configuration = tomllib.loads((project / "pyproject.toml").read_text())
    assert configuration["project"]["name"] == "sea-voyage"
    assert configuration["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["sea_voyage"]
    workflow = yaml.safe_load((project / ".github" / "workflows" / "test.yml").read_text())
    assert "pytest" in [step.get("run") for step in workflow["jobs"]["test"]["steps"]]
    priced = [step.get("run", "") for step in workflow["jobs"]["cost"]["steps"]]
    assert any(run.startswith("sagecraft cost --compare base --markdown") for run in priced)
    cdk = json.loads((project / "cdk.json").read_text())
    assert cdk["app"] == "python app.py"
    ours = json.loads((ROOT / "cdk.json").read_text())["context"]
    assert cdk["context"] == {flag: value for flag, value in ours.items() if flag.startswith("@")}


def test_a_name_may_hold_a_name_of_the_templates(tmp_path: Path) -> None:
    ProjectTemplate.NOTEBOOK.make(tmp_path / "project", ProjectName.parse("sagecraft_project-two"))

    app = (tmp_path / "project" / "app.py").read_text()
    assert "from sagecraft_project_two.settings import Settings\n" in app
    assert "\nSagecraftProjectTwoStack(\n" in app


def test_the_passengers_are_those_of_the_example(project: Path) -> None:
    example = ROOT / "examples" / "titanic" / "data" / "titanic.csv"
    assert (project / "data" / "titanic.csv").read_bytes() == example.read_bytes()


def test_the_next_commands_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(application, ["init", "sea voyage", "--name", "sea-voyage", "--template", "notebook"])

    assert done.exit_code == 0, done.output
    head, *commands = done.stderr.splitlines()
    assert head.startswith(f"Made the project sea-voyage in {tmp_path / 'sea voyage'}: a notebook instance")
    assert commands == ["  cd 'sea voyage' && pip install --editable '.[test]'", "  pytest", "  sagecraft up"]
    assert [child.name for child in tmp_path.iterdir()] == ["sea voyage"]


def test_the_current_folder_may_be_a_repository_without_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "sea-voyage"
    (place / ".git").mkdir(parents=True)
    monkeypatch.chdir(place)

    done = CliRunner().invoke(application, ["init", "."])

    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines()[1] == "  pip install --editable '.[test]'"
    assert (place / "sea_voyage" / "stack.py").is_file()
    assert not [child for child in place.iterdir() if child.name.startswith(".sagecraft")]


def test_a_folder_that_is_not_empty_is_refused_and_stays_as_it_is(tmp_path: Path, refuse: Callable[..., str]) -> None:
    place = tmp_path / "sea-voyage"
    place.mkdir()
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (place / name).write_text(name)
    before = snapshot(tmp_path)

    assert refuse(place) == (
        f"Error: {place} is not empty: there is a.txt, b.txt, c.txt and 1 more. "
        "Nothing was changed. Choose a folder that is empty or does not exist.\n"
    )
    assert snapshot(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path, refuse: Callable[..., str]) -> None:
    (tmp_path / "file").write_text("mine")

    file = tmp_path / "file"
    assert refuse(file, "--name", "sea-voyage") == f"Error: {file} is no folder. Choose another one.\n"
    assert f"{file / 'project'} is no folder" in refuse(file / "project", "--name", "sea-voyage")
    assert (tmp_path / "file").read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)

    with pytest.raises(UserError, match=r"cannot be written into .*: No space left on device"):
        ProjectTemplate.TITANIC.make(tmp_path / "new" / "sea-voyage", ProjectName.parse("sea-voyage"))

    assert not list(tmp_path.iterdir())


def test_an_unknown_template_names_the_near_match(tmp_path: Path, refuse: Callable[..., str]) -> None:
    assert refuse(tmp_path / "sea-voyage", "--template", "titanik") == (
        "Error: There is no template 'titanik'. Did you mean 'titanic'? "
        "There are 'titanic', 'tuning', 'notebook' and 'studio'.\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "package", "stack"),
    [
        ("titanic-survival", "titanic_survival", "TitanicSurvival"),
        ("Fraud.Detection_v2", "fraud_detection_v2", "FraudDetectionV2"),
        ("churnModel", "churnmodel", "ChurnModel"),
    ],
)
def test_a_name_has_three_spellings(name: str, package: str, stack: str) -> None:
    assert ProjectName.parse(name) == ProjectName(name, package, stack)


@pytest.mark.parametrize(
    ("name", "reason", "proposal"),
    [
        ("2nd-model", "it should begin with an ASCII letter", "my-2nd-model"),
        ("größe", "it should begin with an ASCII letter", "groe"),
        ("sea voyage", "in parts joined by '-', '_' or '.'", "sea-voyage"),
        ("-", "it should begin with an ASCII letter", "my-project"),
        ("class", "'class' is a keyword of Python", "my-class"),
        ("match", "'match' is a keyword of Python", "my-match"),
        ("json", "the package would hide the module 'json' of Python's standard library", "my-json"),
        ("tests", "'tests' is a file or folder of every project", "my-tests"),
        ("aws-cdk", "the package would hide 'aws_cdk', which is installed in this Python", "my-aws-cdk"),
        ("m" * 41, "it should have at most 40 characters, got 41", "m" * 40),
    ],
)
def test_a_name_that_no_package_or_stack_can_have_is_refused_with_one_that_can(
    name: str, reason: str, proposal: str
) -> None:
    with pytest.raises(UserError) as refused:
        ProjectName.parse(name)

    assert str(refused.value).startswith(f"'{name}' cannot be the name of a project: ")
    assert reason in str(refused.value)
    assert str(refused.value).endswith(f"Give another one with --name, such as: --name {proposal}")
    assert ProjectName.parse(proposal).distribution == proposal
