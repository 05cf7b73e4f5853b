"""User profiles: each is a person in a domain."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.errors import validation_error

from .dependents import refuse_needed
from .in_domain import InDomainKind


class UserProfileKind(InDomainKind):
    """`CreateUserProfile` and its siblings. AWS keeps their names in lower case.

    Source: https://github.com/hashicorp/terraform-provider-aws/pull/20939
    """

    kind, arn_type, spoken = "UserProfile", "user-profile", "user profile"
    plural = list_member = "UserProfiles"
    filters = frozenset({"DomainIdEquals", "UserProfileNameContains"})

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateUserProfile": self.update}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to make a user profile.

        Raises:
            ApiError: There is one of that name, the domain is not there or not in service, or is not of users of IAM
                Identity Center.
        """
        for member in ("SingleSignOnUserIdentifier", "SingleSignOnUserValue"):
            if member in request:
                raise validation_error(f"{member} can only be specified when the AuthMode of the domain is SSO.")
        request["UserProfileName"] = request["UserProfileName"].lower()
        return {"UserProfileArn": self.begin(caller, request)}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to change those settings of a user profile that the request names."""
        return {"UserProfileArn": self.change(caller, request, ("UserSettings",))}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to delete a user profile.

        Raises:
            ApiError: It has apps or spaces, or is in a status in which it cannot be deleted.
        """
        record = self.record(caller, self.name_in(request))
        members = {member: record.body[member] for member in ("DomainId", "UserProfileName")}
        refuse_needed(self.store, record, members)
        return self.begin_to_delete(record)
