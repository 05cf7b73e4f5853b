"""What a picture of an environment shows: nodes and arrows, with what only serves others folded into it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sagecraft_infra.noun.look import Kind, Look

from .kinds import BY_HAND, IGNORED, PROVIDER_PARTS, SERVES_USERS, Looks
from .references import Address, Reference, Resource

OUTSIDE: Final = "Outside of the app"
_TAILS: Final = frozenset({"Resource", "Default", "CustomResource", "Request"})
_OUTGOING: Final = frozenset(
    {
        "AlarmActions",
        "OKActions",
        "InsufficientDataActions",
        "Targets",
        "NotificationsWithSubscribers",
        "NotificationConfiguration",
        "DeadLetterConfig",
        "DestinationBucketName",
    }
)
"""Properties that name where something goes rather than where it comes from."""
_IN_REQUEST: Final = re.compile(r'"(InstanceType|InstanceCount)":"?([\w.]+)')
_WRITTEN: Final = ("Output", "Checkpoint", "DataCapture", "TensorBoard")
"""What the name of a part of a request begins with, or ends with, that says where results go."""


@dataclass(frozen=True)
class Node:
    """A resource of the picture.

    Attributes:
        id: Unique in the picture.
        kind: Its kind.
        noun: What it is, such as `Training job`.
        name: Its construct's path in its stack.
        detail: What tells it apart from others of its kind, such as its instance type; may be empty.
        type: As CloudFormation names it; empty for what stands outside of the app.
        folded: The resources that it stands for besides, as `type name`.
        colour: Around it. Left out, that of its kind.
    """

    id: str
    kind: Kind
    noun: str
    name: str
    detail: str = ""
    type: str = ""
    folded: tuple[str, ...] = ()
    colour: str = ""


@dataclass(frozen=True)
class Arrow:
    """What leads from a node to another.

    Attributes:
        source: The id of a node.
        target: The id of another.
        both: Whether it leads back as well: a job that reads from and writes to one bucket.
        permission: Whether it is known from a policy alone: the one may read or write the other.
    """

    source: str
    target: str
    both: bool = False
    permission: bool = False


@dataclass(frozen=True)
class Group:
    """The nodes of a stack."""

    name: str
    nodes: tuple[Node, ...]


@dataclass
class _Links:
    """What leads where, as it is found."""

    used: dict[tuple[str, str], None] = field(default_factory=dict)
    waits: dict[tuple[str, str], None] = field(default_factory=dict)
    allowed: dict[tuple[str, str], None] = field(default_factory=dict)


def environment_graph(resources: Sequence[Resource], looks: Iterable[Look]) -> tuple[list[Group], list[Arrow]]:
    """The groups of nodes and the arrows between them.

    An arrow leads from what is used to what uses it, as data flows: bucket to job to model to endpoint to alarm to
    topic. What only waits for something, or only may read or write it, has an arrow if nothing else connects the two.

    Args:
        resources: Of all stacks.
        looks: Of the nouns.
    """
    drawing = _Drawing(resources, Looks(looks))
    links = drawing.links()
    arrows = _arrows(links)
    groups: dict[str, list[Node]] = defaultdict(list)
    for outside in drawing.outside.values():
        groups[OUTSIDE].append(outside)
    for address in drawing.shown:
        groups[address.stack].append(drawing.node(address))
    return [Group(name, tuple(nodes)) for name, nodes in groups.items()], arrows


class _Drawing:
    def __init__(self, resources: Sequence[Resource], looks: Looks) -> None:
        self._looks = looks
        self._resources = {each.address: each for each in resources}
        self._users: dict[Address, list[Reference]] = defaultdict(list)
        for resource in resources:
            for reference in resource.references:
                if isinstance(reference.target, Address):
                    self._users[reference.target].append(Reference(resource.address, reference.path))
        self._hosts = self._find_hosts()
        self.shown = [
            each.address for each in resources if each.type not in IGNORED and each.address not in self._hosts
        ]
        self._folded: dict[Address, list[str]] = defaultdict(list)
        for part in self._hosts:
            resource = self._resources[part]
            for host in self._resolve(part):
                self._folded[host].append(f"{resource.type} {_name(resource)}")
        self.outside: dict[str, Node] = {}

    def _find_hosts(self) -> dict[Address, list[Address]]:
        """What each resource serves that is only there to serve others."""
        hosts: dict[Address, list[Address]] = {}
        for resource in self._resources.values():
            address = resource.address
            if resource.type in self._looks.serves:
                hosts[address] = resource.targets(*self._looks.serves[resource.type])
            elif resource.type in SERVES_USERS:
                hosts[address] = self._user_addresses(address)
            elif resource.type == "AWS::S3::Bucket" and (logged := self._logged_buckets(address)):
                hosts[address] = logged
        for resource in self._resources.values():
            for part in self._provider_parts(resource.targets("ServiceToken")):
                if resource.address not in hosts.setdefault(part, []):
                    hosts[part].append(resource.address)
        return hosts

    def _user_addresses(self, address: Address) -> list[Address]:
        return [each.target for each in self._users[address] if isinstance(each.target, Address)]

    def _logged_buckets(self, bucket: Address) -> list[Address]:
        """The buckets whose access logs go to this one, if it is there for nothing else."""
        uses = [
            each for each in self._users[bucket] if isinstance(each.target, Address) and not self._serves(each.target)
        ]
        if all(each.path[:1] == ("LoggingConfiguration",) for each in uses):
            return [each.target for each in uses if isinstance(each.target, Address)]
        return []

    def _serves(self, address: Address) -> bool:
        return self._resources[address].type in self._looks.serves

    def _provider_parts(self, functions: Iterable[Address]) -> Iterator[Address]:
        """What answers for custom resources, from the function that they name on."""
        seen: set[Address] = set()
        waiting = list(functions)
        while waiting:
            address = waiting.pop()
            resource = self._resources[address]
            if address in seen or resource.type not in PROVIDER_PARTS:
                continue
            seen.add(address)
            yield address
            # A policy names what its role may use, which the function does not consist of.
            if resource.type != "AWS::IAM::Policy":
                waiting += [each.target for each in resource.references if isinstance(each.target, Address)]
                waiting += resource.depends_on

    def _resolve(self, address: Address) -> list[Address]:
        """The shown resources that stand for this one; itself, if it is shown."""
        found: dict[Address, None] = {}
        seen: set[Address] = set()
        waiting = [address]
        while waiting:
            each = waiting.pop(0)
            if each in seen:
                continue
            seen.add(each)
            if each in self._hosts:
                waiting += self._hosts[each]
            elif self._resources[each].type not in IGNORED:
                found[each] = None
        return list(found)

    def links(self) -> _Links:
        links = _Links()
        for address in self.shown:
            resource = self._resources[address]
            for reference in resource.references:
                for target in self._ends(reference):
                    if target != _id(address) and reference.path[:1] != ("ServiceToken",):
                        pair = (_id(address), target) if self._leads_out(reference) else (target, _id(address))
                        links.used[pair] = None
            for needed in resource.depends_on:
                # A policy that a resource waits for stands for its role, which the resource names itself.
                for before in () if needed in self._hosts else self._resolve(needed):
                    links.waits[_id(before), _id(address)] = None
        for role, policies in self._policies().items():
            # A policy names a role too, where something may hand it on; that is no use of what the role may do.
            for user in dict.fromkeys(self._user_addresses(role)):
                if user in self.shown:
                    links.allowed |= self._allowed(user, policies)
        return links

    def _ends(self, reference: Reference) -> list[str]:
        if isinstance(reference.target, Address):
            return [_id(each) for each in self._resolve(reference.target)]
        node = _outside(reference.target)
        self.outside[node.id] = node
        return [node.id]

    def _leads_out(self, reference: Reference) -> bool:
        if _OUTGOING.intersection(reference.path):
            return True
        return self._is_data(reference) and any(
            part.startswith(_WRITTEN) or part.endswith("OutputPath") for part in reference.path
        )

    def _policies(self) -> Mapping[Address, list[Resource]]:
        found: dict[Address, list[Resource]] = defaultdict(list)
        for resource in self._resources.values():
            if resource.type in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
                for role in resource.targets("Roles"):
                    if role not in self._hosts:
                        found[role].append(resource)
        return found

    def _allowed(self, user: Address, policies: Iterable[Resource]) -> dict[tuple[str, str], None]:
        """What the policies let a resource read from and write to."""
        found: dict[tuple[str, str], None] = {}
        for policy in policies:
            statements = policy.properties["PolicyDocument"]["Statement"]
            for reference in policy.references:
                match reference.path:
                    case ("PolicyDocument", "Statement", number, "Resource", *_):
                        actions = str(statements[int(number)]["Action"])
                    case _:
                        continue
                for bucket in self._ends(reference):
                    if self._is_data(reference):
                        found |= {(bucket, _id(user)): None} if "s3:GetObject" in actions else {}
                        found |= {(_id(user), bucket): None} if "s3:PutObject" in actions else {}
        return found

    def _is_data(self, reference: Reference) -> bool:
        if isinstance(reference.target, str):
            return reference.target.startswith("s3://")
        return self._looks.kind_of(self._resources[reference.target])[0] is Kind.DATA

    def node(self, address: Address) -> Node:
        resource = self._resources[address]
        kind, noun = self._looks.kind_of(resource)
        return Node(
            id=_id(address),
            kind=kind,
            noun=noun,
            name=_name(resource),
            detail=_detail(resource),
            type=resource.type,
            folded=tuple(dict.fromkeys(self._folded[address])),
        )


def _arrows(links: _Links) -> list[Arrow]:
    """An arrow for each pair; those that say little only where nothing else connects the two."""
    arrows = [
        Arrow(source, target, both=(target, source) in links.used)
        for source, target in links.used
        # Of a pair that leads both ways, the one that was found first is drawn: what reads stands right.
        if (target, source) not in links.used or _first(links.used, source, target)
    ]
    reached = _Reach(links.used)
    for source, target in links.allowed:
        if not reached.relates(source, target):
            both = (target, source) in links.allowed
            if not both or _first(links.allowed, source, target):
                arrows.append(Arrow(source, target, both=both, permission=True))
    for source, target in links.waits:
        if not reached.relates(source, target):
            arrows.append(Arrow(source, target))
    return arrows


def _first(pairs: Iterable[tuple[str, str]], source: str, target: str) -> bool:
    return next(pair for pair in pairs if pair in {(source, target), (target, source)}) == (source, target)


class _Reach:
    """Which nodes can be reached from which."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._next: dict[str, list[str]] = defaultdict(list)
        self._written: dict[str, list[str]] = defaultdict(list)
        for source, target in pairs:
            self._next[source].append(target)
            self._written[target].append(source)

    def relates(self, one: str, other: str) -> bool:
        """Whether one leads to the other, or what writes to one does, as a job leads to the model of its artefact."""
        begins = [(each, other) for each in (one, *self._written[one])]
        begins += [(each, one) for each in (other, *self._written[other])]
        return any(self._connects(begin, end) for begin, end in begins)

    def _connects(self, source: str, target: str) -> bool:
        seen: set[str] = set()
        waiting = [source]
        while waiting:
            each = waiting.pop()
            if each == target:
                return True
            if each not in seen:
                seen.add(each)
                waiting += self._next[each]
        return False


def _id(address: Address) -> str:
    return f"{address.stack}/{address.logical_id}"


def _name(resource: Resource) -> str:
    parts = resource.construct_path.split("/")
    while len(parts) > 1 and parts[-1] in _TAILS:
        parts.pop()
    # Without a path there is the logical id, which holds the same parts.
    return "/".join(parts).removesuffix("CustomResource")


def _outside(target: str) -> Node:
    if target.startswith("s3://"):
        bucket, _, key = target.removeprefix("s3://").partition("/")
        return Node(f"s3://{bucket}", Kind.DATA, "Bucket", bucket, type="AWS::S3::Bucket" if not key else "")
    return Node(target, Kind.ROLE, "Role", target.rpartition("/")[2])


def _detail(resource: Resource) -> str:
    """The machines that a resource runs on, as far as the template says."""
    properties = resource.properties
    if resource.type == BY_HAND:
        # The request is JSON that is put together around references.
        properties = dict(_IN_REQUEST.findall(str(properties.get("Value"))))
    found = list(dict.fromkeys(_machines(properties)))
    return ", ".join(found[:2]) + (", …" if len(found) > 2 else "")


def _machines(value: Any) -> Iterator[str]:
    match value:
        case {"InstanceType": str(type_), **rest}:
            count = rest.get("InitialInstanceCount", rest.get("InstanceCount"))
            many = (isinstance(count, int) and count > 1) or (
                isinstance(count, str) and count.isdecimal() and count != "1"
            )
            yield f"{count} \N{MULTIPLICATION SIGN} {type_}" if many else type_
        case dict():
            for each in value.values():
                yield from _machines(each)
        case list():
            for each in value:
                yield from _machines(each)
        case _:
            return
