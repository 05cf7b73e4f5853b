"""What is read of a synthesized app."""

import json
from pathlib import Path
from typing import Any

import pytest
from sagecraft_infra.errors import UserError
from sagecraft_infra.pulumi import NotExpressible
from sagecraft_infra.pulumi.template.synthesis import read_assembly

TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


def stack(
    *needed: str, environment: str = "aws://unknown-account/unknown-region", file: str = "topic"
) -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "dependencies": list(needed),
        "properties": {"templateFile": f"{file}.json"},
    }


def written(directory: Path, artifacts: dict[str, Any], **more: Any) -> Path:
    (directory / "topic.json").write_text(json.dumps(TOPIC))
    (directory / "empty.json").write_text("{}")
    (directory / "manifest.json").write_text(json.dumps({"artifacts": artifacts, **more}))
    return directory


def test_stacks_come_after_those_that_they_need_and_empty_ones_not_at_all(tmp_path: Path) -> None:
    artifacts = {
        "Second": stack("First", environment="aws://123456789012/eu-west-1"),
        "Empty": stack(file="empty"),
        "First": stack("Tree"),
        "Tree": {"type": "cdk:tree"},
    }
    first, second = read_assembly(written(tmp_path, artifacts))
    assert (first.template.name, first.account, first.region) == ("First", None, None)
    assert (second.template.name, second.account, second.region) == ("Second", "123456789012", "eu-west-1")


def test_files_are_told_with_the_place_that_the_template_expects(tmp_path: Path) -> None:
    source = {"path": "asset.1", "packaging": "zip"}
    destinations = {"here": {"bucketName": "cdk-${AWS::Region}", "objectKey": "1.zip"}}
    (tmp_path / "assets.json").write_text(
        json.dumps({"files": {"1": {"source": source, "destinations": destinations}}})
    )
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
    (found,) = read_assembly(written(tmp_path, {"Stack": stack("Assets"), "Assets": assets}))
    (asset,) = found.assets
    assert (asset.bucket_name, asset.object_key, asset.is_folder) == ("cdk-${AWS::Region}", "1.zip", True)
    assert asset.path == tmp_path / "asset.1"


def test_an_image_to_build_is_refused(tmp_path: Path) -> None:
    images = {"1": {"displayName": "Model/Image", "source": {"directory": "asset.1"}}}
    (tmp_path / "assets.json").write_text(json.dumps({"dockerImages": images}))
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
    problem = "stack 'Stack': the image 'Model/Image' would have to be built and pushed"
    with pytest.raises(NotExpressible, match=problem):
        list(read_assembly(written(tmp_path, {"Stack": stack("Assets"), "Assets": assets})))


def test_a_look_up_in_the_account_is_refused(tmp_path: Path) -> None:
    missing = [{"key": "vpc", "provider": "vpc-provider", "props": {"filter": {"vpc-id": "vpc-1"}}}]
    with pytest.raises(UserError, match=r"only the CDK's CLI does: vpc-provider .*vpc-1.* as an input\."):
        list(read_assembly(written(tmp_path, {"Stack": stack()}, missing=missing)))
