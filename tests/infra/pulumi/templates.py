"""Templates as a test writes them, registered with Pulumi without the CDK."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from sagecraft_infra.pulumi.provider.asset_bucket import AssetBucket
from sagecraft_infra.pulumi.registration.resources import Surroundings, TemplateRegistration
from sagecraft_infra.pulumi.template.document import Template
from sagecraft_infra.pulumi.template.synthesis import FileAsset

from .engine import Engine, run


def registered(
    content: Mapping[str, Any],
    engine: Engine,
    *,
    inputs: Mapping[str, Any] | None = None,
    assets: tuple[FileAsset, ...] = (),
    directory: Path = Path(),
    exports: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Registers a template as the stack `app`.

    Returns:
        Its outputs, resolved.
    """

    def program() -> Mapping[str, Any]:
        parent = pulumi.ComponentResource("test:index:Parent", "app")
        options = pulumi.ResourceOptions(parent=parent)
        surroundings = Surroundings(
            AssetBucket("app", assets, options, "assets-bucket"), pulumi.ResourceOptions(), directory, exports or {}
        )
        return TemplateRegistration("app", Template.read("app", content), parent, inputs or {}, surroundings).outputs

    return run(program, engine)


def outputs_of(
    values: Mapping[str, Any], engine: Engine, *, inputs: Mapping[str, Any] | None = None, **sections: Any
) -> Any:
    """The values of outputs, in a template that has a topic `Topic` too."""
    content = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}},
        "Outputs": {name: {"Value": value} for name, value in values.items()},
        **sections,
    }
    return registered(content, engine, inputs=inputs)
