"""Names that stacks export, each of which an account and region has but once."""

from collections import defaultdict
from weakref import WeakSet

import jsii
from aws_cdk import CfnOutput, Stack, Token
from constructs import IConstruct, IValidation

_CHECKED: "WeakSet[IConstruct]" = WeakSet()


def check_exports(stack: Stack) -> None:
    """Refuses to synthesize the app of a stack when two of its stacks export one name.

    CloudFormation would refuse the second one, in the middle of a deployment. All stacks of the app are looked at,
    whoever made them; those of different accounts or regions may export the same name.
    """
    root = stack.node.root
    if root not in _CHECKED:
        _CHECKED.add(root)
        root.node.add_validation(_UniqueExports(root))


@jsii.implements(IValidation)
class _UniqueExports:
    def __init__(self, root: IConstruct) -> None:
        self._root = root

    def validate(self) -> list[str]:
        """What the CDK asks for when it synthesizes."""
        exporters: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for construct in self._root.node.find_all():
            if isinstance(construct, CfnOutput) and construct.export_name is not None:
                stack = construct.stack
                if not Token.is_unresolved(construct.export_name):
                    exporters[stack.environment, construct.export_name][stack.node.path] = None
        return [_problem(name, list(stacks)) for (_, name), stacks in exporters.items() if len(stacks) > 1]


def _problem(name: str, stacks: list[str]) -> str:
    told = " and ".join(f"'{stack}'" for stack in stacks)
    return (
        f"The stacks {told} export the same name '{name}', which CloudFormation allows once in an account and region. "
        "Give one of the outputs another export_name, or pass the value itself from stack to stack: the CDK then makes "
        "an export of its own."
    )
