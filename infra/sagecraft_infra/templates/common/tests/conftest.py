"""What the tests share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App
from sagecraft_infra.settings import load_settings

from sagecraft_project.settings import Settings
from sagecraft_project.stack import SagecraftProjectStack

SETTINGS = Path(__file__).parents[1] / "settings"

MakeStack = Callable[[str], SagecraftProjectStack]


@pytest.fixture
def make_stack() -> MakeStack:
    """Declares the stack of an environment, such as `dev`."""

    def make(environment: str) -> SagecraftProjectStack:
        settings = load_settings(Settings, SETTINGS, environment)
        return SagecraftProjectStack(App(), f"SagecraftProject-{environment}", settings=settings)

    return make
