"""Whether the VPC, the subnets and the security groups are there that a request names."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import validation_error

from .host import Network

_VPCS: Final = ("VpcId",)
_SUBNETS: Final = ("SubnetId", "SubnetIds", "Subnets")
_SECURITY_GROUPS: Final = ("SecurityGroupIds", "SecurityGroups")
_STRUCTURES: Final = ("VpcConfig", "UserSettings", "SpaceSettings")
"""How the names of the members of a request end whose structures have such members, as it may have itself."""


class NetworkCheck:
    """Refuses requests that name what EC2 does not have.

    No public source has SageMaker's own text: it is EC2's, in the error that SageMaker answers to wrong requests with.

    Args:
        absent: Says what EC2 says of the first one that is not there, in an account and region; None where all are.
    """

    def __init__(self, absent: Callable[[Network, str, str], str | None]) -> None:
        self._absent = absent

    def __call__(self, request: Mapping[str, Any], caller: Caller) -> None:
        """Checks one request.

        Raises:
            ApiError: Something is not there.
        """
        named = list(_named(request))
        if named:
            kinds = (_VPCS, _SUBNETS, _SECURITY_GROUPS)
            network = Network(*([each for member, each in named if member in kind] for kind in kinds))
            said = self._absent(network, caller.account, caller.region)
            if said is not None:
                raise validation_error(said)


def _named(structure: Mapping[str, Any], *, is_of_network: bool = True) -> Iterator[tuple[str, str]]:
    """The IDs in a structure and in those below it, each with its member's name.

    A map, whose names are a user's own, is no such structure.

    Args:
        structure: A request, or a part of it.
        is_of_network: Whether its own members name any.
    """
    for name, value in structure.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                yield from _named(each, is_of_network=name.endswith(_STRUCTURES))
            elif is_of_network and name in (*_VPCS, *_SUBNETS, *_SECURITY_GROUPS):
                yield name, each
