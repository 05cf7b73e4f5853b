"""Code repositories: a declaration and nothing more, which is recorded truthfully."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, validation_error


class CodeRepositoryKind(ResourceKind):
    """`CreateCodeRepository` and its siblings: a Git repository that notebook instances name."""

    kind, arn_type, spoken = "CodeRepository", "code-repository", "code repository"
    plural, list_member = "CodeRepositories", "CodeRepositorySummaryList"
    sort_by, sort_order = "Name", "Ascending"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateCodeRepository": self.update}

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the ARN
        """AWS's answer to a name that there is not."""
        return validation_error(f"Cannot find CodeRepository: {arn}")

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes the secret that a code repository is read with."""
        record = self.record(caller, request["CodeRepositoryName"])
        git_config = {**record.body["GitConfig"], **request.get("GitConfig", {})}
        self.store.update(record.key, body={"GitConfig": git_config})
        return {"CodeRepositoryArn": record.arn}
