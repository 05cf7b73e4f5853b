"""The handler that empties what is in Studio, against a SageMaker that refuses to delete what is used.

What refuses: https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_constructs.handlers import studio as handler
from sagecraft_constructs.handlers.error import StudioError

from .sagemaker_server import SageMakerServer, clients_of, serving

DOMAIN = "d-abcdefghijkl"
MEMBERS = {"App": "Apps", "Space": "Spaces", "UserProfile": "UserProfiles"}
USED_BY = {"App": (), "Space": ("App",), "UserProfile": ("App", "Space"), "Domain": ("Space", "UserProfile")}


@dataclass
class StudioServer(SageMakerServer):
    """A domain, and what is in it.

    Attributes:
        there: What is there, by kind and name; what is asked to go is `Deleting` until `settle` is called.
        retention: What the domain was deleted with.
        groups: Of the security groups that SageMaker has made, by their names, whether each still has its rule.
    """

    groups: dict[str, bool] = field(default_factory=dict)
    there: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    retention: dict[str, str] | None = None

    def add(self, kind: str, name: str, status: str = "InService", **members: Any) -> None:
        self.there[kind, name] = {"DomainId": DOMAIN, f"{kind}Name": name, "Status": status, **members}

    def settle(self) -> None:
        self.there = {key: each for key, each in self.there.items() if each["Status"] != "Deleting"}

    def left(self) -> list[str]:
        return [name for _, name in self.there]

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append((operation, request))
        if self.refusals.get(operation):
            code, message = self.refusals[operation].pop(0)
            return 400, {"__type": code, "message": message}
        verb, kind = re.fullmatch("(List|Describe|Delete)([A-Za-z]+)", operation).groups()  # type: ignore[union-attr]  # every operation matches
        if verb == "List":
            return 200, self._page(kind, request)
        key = kind, request.get(f"{kind}Name", DOMAIN)
        if key not in self.there:
            return 400, {"__type": "ResourceNotFound", "message": f"{kind} does not exist"}
        if verb == "Describe":
            return 200, self.there[key]
        if self._is_used(kind, key[1]) or self.there[key]["Status"] in ("Pending", "Deleting"):
            return 400, {"__type": "ResourceInUse", "message": f"Unable to delete {kind}"}
        self.there[key]["Status"] = "Deleting"
        self.retention = request.get("RetentionPolicy", self.retention)
        return 200, {}

    def answer_ec2(self, request: dict[str, str]) -> tuple[int, str]:
        """A group of which another one's rule tells is in use."""
        action = request["Action"]
        self.calls.append((action, dict(request)))
        if action == "DescribeSecurityGroups":
            wanted = {value for name, value in request.items() if name.startswith("Filter.1.Value.")}
            items = "".join(_group_item(name, self.groups[name]) for name in sorted(wanted & self.groups.keys()))
            return 200, f"<{action}Response><securityGroupInfo>{items}</securityGroupInfo></{action}Response>"
        name = request["GroupId"].removeprefix("sg-")
        if action.startswith("Revoke"):
            self.groups[name] = False
        elif any(rule for other, rule in self.groups.items() if other != name):
            error = "<Error><Code>DependencyViolation</Code><Message>has a dependent object</Message></Error>"
            return 400, f"<Response><Errors>{error}</Errors></Response>"
        else:
            del self.groups[name]
        return 200, f"<{action}Response><return>true</return></{action}Response>"

    def _page(self, listed: str, request: dict[str, Any]) -> dict[str, Any]:
        """One at a time, so that every list has pages."""
        kind = next(kind for kind, member in MEMBERS.items() if member == listed)
        of_kind = [each for (each_kind, _), each in self.there.items() if each_kind == kind]
        begin = int(request.get("NextToken", 0))
        more = {"NextToken": str(begin + 1)} if begin + 1 < len(of_kind) else {}
        return {listed: of_kind[begin : begin + 1], **more}

    def _is_used(self, kind: str, name: str) -> bool:
        """Whether something is in it; a failed app is as good as none."""
        holders = {"Domain": {DOMAIN}, "Space": {name}, "UserProfile": {name}}.get(kind, set())
        return any(
            each["Status"] != "Failed"
            for (used, _), each in self.there.items()
            if used in USED_BY[kind]
            and {each.get("SpaceName"), each.get("UserProfileName"), each.get("DomainId"), _owner(each)} & holders
        )


def _group_item(name: str, has_rule: bool) -> str:
    members = "ipPermissions" if "inbound" in name else "ipPermissionsEgress"
    rule = "<item><ipProtocol>tcp</ipProtocol><fromPort>2049</fromPort><toPort>2049</toPort></item>"
    rules = f"<{members}>{rule if has_rule else ''}</{members}>"
    return f"<item><groupId>sg-{name}</groupId><groupName>{name}</groupName>{rules}</item>"


def _owner(each: dict[str, Any]) -> str | None:
    owner: str | None = each.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
    return owner


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioServer]:
    """Ann has a space with JupyterLab, and Studio Classic; Bob's space is shared; Carol has nothing."""
    with serving(StudioServer()) as running, clients_of(running, monkeypatch):
        running.add("Domain", DOMAIN)
        for name in ("ann", "bob", "carol"):
            running.add("UserProfile", name)
        for space, owner in (("own", "ann"), ("shared", "bob")):
            running.add("Space", space, OwnershipSettingsSummary={"OwnerUserProfileName": owner})
        running.add("App", "lab", AppType="JupyterLab", SpaceName="own")
        running.add("App", "default", AppType="JupyterServer", UserProfileName="ann")
        running.add("App", "editor", AppType="JupyterLab", SpaceName="shared")
        running.add("App", "broken", "Failed", AppType="JupyterLab", SpaceName="shared")
        yield running


def event(request_type: str = "Delete", **properties: Any) -> dict[str, Any]:
    held: dict[str, Any] = {"DomainId": DOMAIN, **properties}
    return {"RequestType": request_type, "ResourceProperties": held, "PhysicalResourceId": "given"}


def whole_domain(retention: str = "Delete") -> dict[str, Any]:
    return event(RetentionPolicy={"HomeEfsFileSystem": retention})


def empty(server: StudioServer, deletion: dict[str, Any]) -> int:
    """Polls until all is gone, and says how often that was; in between SageMaker deletes what it was asked to."""
    begun = {**deletion, **handler.on_event(deletion, None)}
    for polls in range(1, 20):
        if handler.is_complete(begun, None)["IsComplete"]:
            return polls
        server.settle()
    raise AssertionError(f"still there: {server.left()}")


@pytest.mark.parametrize("retention", ["Delete", "Retain"])
def test_a_domain_goes_with_all_that_is_in_it_and_with_its_file_system_or_without(
    server: StudioServer, retention: str
) -> None:
    assert empty(server, whole_domain(retention)) == 5
    assert server.left() == ["broken"]
    assert server.retention == {"HomeEfsFileSystem": retention}
    deleted = [name for name, _ in server.calls if name.startswith("Delete")]
    assert deleted == [*["DeleteApp"] * 3, *["DeleteSpace"] * 2, *["DeleteUserProfile"] * 3, "DeleteDomain"]


def nfs_groups(domain_id: str = DOMAIN) -> dict[str, bool]:
    return {f"security-group-for-{way}bound-nfs-{domain_id}": True for way in ("in", "out")}


def test_the_security_groups_that_sagemaker_has_made_do_not_stay_in_the_vpc(server: StudioServer) -> None:
    server.groups = nfs_groups() | nfs_groups("d-another")
    for name in nfs_groups("d-another"):
        server.groups[name] = False
    assert empty(server, whole_domain()) == 7
    assert server.groups.keys() == nfs_groups("d-another").keys()


def test_the_security_groups_stay_where_the_file_system_stays(server: StudioServer) -> None:
    server.groups = nfs_groups()
    empty(server, whole_domain("Retain"))
    assert server.groups == nfs_groups()


def test_a_security_group_that_does_not_go_is_named(server: StudioServer) -> None:
    server.there.clear()
    server.groups = {**nfs_groups(), "of somebody": True}
    late = {**whole_domain(), "Deadline": time.time() - 1}
    with pytest.raises(StudioError, match=rf"security group sg-security-group-for-inbound-nfs-{DOMAIN} \(there\)"):
        handler.is_complete(late, None)


def test_a_user_goes_with_their_apps_and_spaces_and_nobody_elses(server: StudioServer) -> None:
    assert empty(server, event(UserProfileName="ann")) == 3
    assert server.left() == [DOMAIN, "ann", "bob", "carol", "shared", "editor", "broken"]


def test_a_space_loses_its_apps_alone(server: StudioServer) -> None:
    assert empty(server, event(SpaceName="shared")) == 2
    assert "shared" in server.left()
    assert [each["AppName"] for each in server.called("DeleteApp")] == ["editor"]
    assert server.called("DeleteApp")[0]["SpaceName"] == "shared"


def test_what_is_empty_is_let_go_at_once(server: StudioServer) -> None:
    assert empty(server, event(UserProfileName="carol")) == 1
    assert not [name for name, _ in server.calls if name.startswith("Delete")]


def test_a_domain_that_is_gone_is_let_go(server: StudioServer) -> None:
    server.there.clear()
    assert empty(server, whole_domain()) == 1


@pytest.mark.parametrize("status", ["Failed", "Delete_Failed", "Update_Failed"])
def test_a_domain_of_which_half_was_made_goes(server: StudioServer, status: str) -> None:
    server.there.clear()
    server.add("Domain", DOMAIN, status)
    server.add("Space", "left", "Delete_Failed")
    assert empty(server, whole_domain()) == 3
    assert server.left() == []


def test_what_is_still_being_made_is_waited_for(server: StudioServer) -> None:
    server.there["App", "lab"]["Status"] = "Pending"
    deletion = whole_domain()
    begun = {**deletion, **handler.on_event(deletion, None)}
    assert handler.is_complete(begun, None) == {"IsComplete": False}
    server.settle()
    server.there["App", "lab"]["Status"] = "InService"
    assert empty(server, deletion) == 5


def test_what_is_being_deleted_is_not_asked_to_go_twice(server: StudioServer) -> None:
    deletion = whole_domain()
    begun = {**deletion, **handler.on_event(deletion, None)}
    for _ in range(3):
        handler.is_complete(begun, None)
    assert len(server.called("DeleteApp")) == 3


def test_what_somebody_else_deletes_meanwhile_is_none_of_its_errors(server: StudioServer) -> None:
    server.refusals["DeleteApp"] = [("ResourceNotFound", "App does not exist")]
    assert empty(server, whole_domain()) == 6


def test_an_error_that_is_none_of_these_fails_the_deletion(server: StudioServer) -> None:
    server.refusals["DeleteApp"] = [("AccessDeniedException", "not authorized to perform: sagemaker:DeleteApp")]
    with pytest.raises(ClientError, match="sagemaker:DeleteApp"):
        empty(server, whole_domain())


def test_what_does_not_go_is_named_before_the_time_is_up(server: StudioServer) -> None:
    late = {**event(UserProfileName="ann"), "Deadline": time.time() - 1}
    with pytest.raises(StudioError) as caught:
        handler.is_complete(late, None)
    assert str(caught.value) == (
        "After 56 minutes, the longest that a deployment can wait, SageMaker has not deleted app "
        f"{DOMAIN}/own/JupyterLab/lab (InService), app {DOMAIN}/ann/JupyterServer/default (InService). Delete that by "
        "hand, and then the stack again."
    )


@pytest.mark.parametrize("request_type", ["Create", "Update"])
@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({}, DOMAIN),
        ({"UserProfileName": "ann"}, f"{DOMAIN}/ann"),
        ({"SpaceName": "own"}, f"{DOMAIN}/own"),
    ],
)
def test_contents_are_named_by_their_holder_and_nothing_is_done_until_they_are_deleted(
    server: StudioServer, request_type: str, properties: dict[str, str], name: str
) -> None:
    made = event(request_type, **properties)
    assert handler.on_event(made, None) == {"PhysicalResourceId": name}
    assert handler.is_complete(made, None) == {"IsComplete": True}
    assert server.calls == []


def test_another_request_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown RequestType 'Read'"):
        handler.on_event(event("Read"), None)
