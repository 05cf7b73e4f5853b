"""What a notebook instance's record says of its start."""

from typing import Any

import pytest
from sagecraft_emulator.container.python.notebook_packages import SdkVersion
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.notebook.environment.definition import SDK_TAG, Definition

from tests.emulator.notebook.started import ARN, Instance
from tests.emulator.world import World

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")


@pytest.mark.parametrize(("tags", "sdk"), [({}, "2"), ({SDK_TAG: "3"}, "3"), ({SDK_TAG: "v3"}, "3")])
def test_a_tag_names_the_version_of_the_sdk(instance: Instance, world: World, tags: dict[str, str], sdk: str) -> None:
    world.store.set_tags(ARN, tags)
    assert Definition(world.store, world.store.get(instance.key), world.clients).sdk == SdkVersion(sdk)


def test_a_version_of_the_sdk_that_there_is_not_fails_the_start(instance: Instance, world: World) -> None:
    world.store.set_tags(ARN, {SDK_TAG: "4"})
    with pytest.raises(EmulatorError, match=f"The tag '{SDK_TAG}' names the version '4' .* it may be one of 2, 3."):
        instance.start()


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"NotebookInstanceLifecycleConfigName": "gone"}, "There is no NotebookInstanceLifecycleConfig 'gone'."),
        ({"DefaultCodeRepository": "gone"}, "There is no CodeRepository 'gone'."),
        ({"DefaultCodeRepository": "http://example.com/a"}, "should be an https:// URL, got 'http://…'."),
        ({"DefaultCodeRepository": "https://example.com/"}, "should end with its name."),
        (
            {"DefaultCodeRepository": "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a"},
            "is in CodeCommit, which the emulator has not. To clone a copy on this machine, name it https://localhost/",
        ),
        (
            {"AdditionalCodeRepositories": ["https://example.com/a.git", "https://example.org/b/a"]},
            "Two code repositories would both be cloned to ~/SageMaker/a.",
        ),
    ],
    ids=["configuration", "repository", "scheme", "name", "CodeCommit", "one place"],
)
def test_what_cannot_be_found_or_cloned_fails_the_start(
    instance: Instance, members: dict[str, Any], reason: str
) -> None:
    instance.change(**members)
    with pytest.raises(EmulatorError) as raised:
        instance.start()
    assert reason in str(raised.value)


def test_the_secret_of_a_code_repository_is_asked_for_by_git(instance: Instance, world: World) -> None:
    secrets = world.clients.secrets(instance.key.account, instance.key.region)
    arn = secrets.create_secret(Name=world.bucket, SecretString='{"username": "me", "password": "word"}')["ARN"]
    git_config = {"RepositoryUrl": "https://127.0.0.1:1/private", "SecretArn": arn}
    instance.add("CodeRepository", "private", {"GitConfig": git_config})
    instance.change(DefaultCodeRepository="private")
    [repository] = Definition(world.store, world.store.get(instance.key), world.clients).repositories()
    assert (repository.user, repository.password) == ("me", "word")
    instance.start()
    assert "word" not in instance.fails() + instance.log()
