"""AWS's managed policies that users of SageMaker attach, in their present form.

`tools/managed_policies.py` renews them.
"""

import functools
import json
import re
from importlib.resources import files
from typing import Any, Final

_FILE: Final = "managed_policies.json"
_NAMES: Final = "managed_policy_names.txt"
_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(?P<name>.+)")


def is_managed_by_aws(arn: str) -> bool:
    """Whether AWS has a managed policy of that ARN; of most the emulator knows no more than the name."""
    match = _ARN.fullmatch(arn)
    return match is not None and match["name"] in _names()


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(files("sagecraft_emulator.authorization").joinpath(_NAMES).read_text(encoding="utf-8").split())


def add_managed_policies(iam: Any) -> None:
    """Has the host's IAM know them, after a reset too.

    Args:
        iam: ministack's module, which knows the policies that other services' users attach.
    """
    # ruff: noqa: SLF001 - ministack has no public way to any of this
    seed = iam._seed_aws_managed_policies
    if getattr(seed, "has_sagemaker", False):
        return

    def seed_all() -> None:
        seed()
        text = files("sagecraft_emulator.authorization").joinpath(_FILE).read_text(encoding="utf-8")
        for name, policy in json.loads(text)["policies"].items():
            record = iam._make_aws_managed_record(name, json.dumps(policy["document"]))
            version = record["Versions"].pop(record["DefaultVersionId"])
            record["DefaultVersionId"] = version["VersionId"] = policy["version"]
            record["Versions"][policy["version"]] = version
            iam._aws_managed_policies[record["Arn"]] = record

    seed_all.has_sagemaker = True  # type: ignore[attr-defined]  # so that it is done once
    iam._seed_aws_managed_policies = seed_all
    seed_all()
