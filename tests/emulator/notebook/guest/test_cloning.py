"""Code repositories on an instance's volume."""

import os
import subprocess
from pathlib import Path

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed

from tests.emulator.notebook.started import Instance

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A Git repository on this machine, with a branch."""
    place = tmp_path / "work" / "analysis"
    place.mkdir(parents=True)
    (place / "explore.ipynb").write_text("{}")
    author = [f"-c user.{name}={value}" for name, value in (("name", "a"), ("email", "a@example.com"))]
    options = " ".join(author).split()
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "begin"], ["branch", "other"]):
        subprocess.run(["git", *options, *command], cwd=place, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": ""})
    return place


def test_a_repository_is_cloned_once_and_then_the_users(instance: Instance, repository: Path) -> None:
    git_config = {"RepositoryUrl": f"https://localhost{repository}", "Branch": "other"}
    instance.add("CodeRepository", "team", {"GitConfig": git_config})
    instance.change(DefaultCodeRepository="team")
    instance.start()
    instance.wait_until_served()
    notebook = instance.volume / "analysis" / "explore.ipynb"
    assert (instance.volume / "analysis" / ".git" / "HEAD").read_text() == "ref: refs/heads/other\n"
    notebook.write_text("changed")
    instance.stop()
    instance.start()
    instance.wait_until_served()
    assert notebook.read_text() == "changed"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        # AWS's reason is Git's own words: the first issue of
        # https://github.com/aws-samples/amazon-sagemaker-predictive-maintenance-deployed-at-edge
        ("https://localhost/nowhere/analysis", "fatal: repository '/nowhere/analysis' does not exist"),
        ("https://me:word@127.0.0.1:1/analysis", "fatal: unable to access 'https://127.0.0.1:1/analysis/': "),
        (
            "https://localhost/x/../../--upload-pack=touch${IFS}pwned/analysis",
            "fatal: repository '/x/../../--upload-pack=touch${IFS}pwned/analysis' does not exist",
        ),
        (
            "https://127.0.0.1:1/$(touch pwned)/`touch pwned`/analysis",
            "fatal: unable to access 'https://127.0.0.1:1/$(touch pwned)/`touch pwned`/analysis/': ",
        ),
    ],
    ids=["not there", "credentials in the URL", "an option", "a command"],
)
def test_a_repository_that_cannot_be_cloned_fails_the_start_with_gits_reason(
    instance: Instance, url: str, reason: str
) -> None:
    instance.change(AdditionalCodeRepositories=[url])
    instance.start()
    told = instance.fails()
    assert told.startswith(reason)
    assert "word" not in told + instance.log()
    assert list(instance.volume.iterdir()) == []
