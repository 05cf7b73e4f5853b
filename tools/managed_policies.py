"""Writes the managed policies of AWS that users of SageMaker attach, from a checkout that mirrors them.

Beside them it writes the names of all, as the installed moto knows them.

git clone https://github.com/iann0036/iam-dataset
python -m tools.managed_policies iam-dataset
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET: Final = Path(__file__).parents[1] / "emulator/sagecraft_emulator/authorization/managed_policies.json"
NAMES: Final = TARGET.with_name("managed_policy_names.txt")
SOURCE: Final = "https://github.com/iann0036/iam-dataset, aws/managedpolicies"
BESIDE: Final = frozenset(
    [
        "AWSCloudFormationFullAccess",
        "AWSCodeBuildAdminAccess",
        "AWSCodeCommitFullAccess",
        "AWSCodePipeline_FullAccess",
        "AWSGlueConsoleFullAccess",
        "AWSGlueServiceRole",
        "AWSKeyManagementServicePowerUser",
        "AWSLambda_FullAccess",
        "AWSLambda_ReadOnlyAccess",
        "AWSMarketplaceFullAccess",
        "AWSStepFunctionsFullAccess",
        "AWSStepFunctionsReadOnlyAccess",
        "AmazonAthenaFullAccess",
        "AmazonBedrockFullAccess",
        "AmazonDynamoDBFullAccess",
        "AmazonEC2ContainerRegistryFullAccess",
        "AmazonEC2ContainerRegistryPowerUser",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonElasticFileSystemFullAccess",
        "AmazonEventBridgeFullAccess",
        "AmazonFSxFullAccess",
        "AmazonKinesisFullAccess",
        "AmazonRedshiftDataFullAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "AmazonSNSFullAccess",
        "AmazonSQSFullAccess",
        "AmazonSSMFullAccess",
        "AmazonSSMReadOnlyAccess",
        "AmazonVPCFullAccess",
        "AmazonVPCReadOnlyAccess",
        "CloudWatchFullAccess",
        "CloudWatchFullAccessV2",
        "CloudWatchLogsFullAccess",
        "CloudWatchLogsReadOnlyAccess",
        "CloudWatchReadOnlyAccess",
        "IAMFullAccess",
        "IAMReadOnlyAccess",
        "SecretsManagerReadWrite",
    ]
)
"""What is attached beside those of SageMaker itself."""
_OF_SAGEMAKER: Final = re.compile("SageMaker(?!Studio)")
_OF_SERVICES: Final = ":policy/aws-service-role/"
"""AWS alone attaches these, to roles of its services."""


def read(checkout: Path) -> dict[str, dict[str, Any]]:
    """The policies by what stands behind `policy/` in their ARN."""
    found = {}
    for file in sorted((checkout / "aws" / "managedpolicies").glob("*.json")):
        if file.stem not in BESIDE and _OF_SAGEMAKER.search(file.stem) is None:
            continue
        policy = json.loads(file.read_text(encoding="utf-8"))
        if _OF_SERVICES not in policy["arn"]:
            name = policy["arn"].partition(":policy/")[2]
            found[name] = {"version": policy["version"], "document": policy["document"]}
    return found


def write(policies: dict[str, dict[str, Any]], target: Path) -> None:
    """Writes them, one a line, so that a change is seen for what it is."""
    lines = [f"{json.dumps(name)}: {json.dumps(policies[name])}" for name in sorted(policies)]
    body = ",\n".join(lines)
    target.write_text(f'{{"source": {json.dumps(SOURCE)}, "policies": {{\n{body}\n}}}}\n', encoding="utf-8")


def write_names(known: Iterable[str], target: Path) -> None:
    """Writes what stands behind `policy/` in the ARN of every policy, one a line."""
    named = {f"{policy['Path'][1:]}{name}" for name, policy in json.loads(aws_managed_policies_data).items()}
    target.write_text("\n".join([*sorted(named | set(known)), ""]), encoding="utf-8")


if __name__ == "__main__":
    policies = read(Path(sys.argv[1]))
    write(policies, TARGET)
    write_names(policies, NAMES)
