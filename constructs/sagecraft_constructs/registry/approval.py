"""Whether a version may be deployed."""

from enum import StrEnum


class ModelApprovalStatus(StrEnum):
    """AWS's words for what somebody has decided of a version."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING_MANUAL_APPROVAL = "PendingManualApproval"
