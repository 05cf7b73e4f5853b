"""What this room is told of roles, users and groups."""

from typing import Final

from sagecraft_catalog.charge import surroundings as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

_HOLDERS: Final = ("Roles", "Users", "Groups")

PERMISSIONS: Final = Noun(
    look=Look(
        shown={
            "AWS::IAM::Role": (Kind.ROLE, "Role"),
            "AWS::IAM::User": (Kind.ROLE, "User"),
            "AWS::IAM::Group": (Kind.ROLE, "Group"),
        },
        serves={
            "AWS::IAM::Policy": _HOLDERS,
            "AWS::IAM::ManagedPolicy": _HOLDERS,
            "AWS::IAM::InstanceProfile": ("Roles",),
        },
    ),
    components=(Component("ExecutionRole"),),
    costs=charged.PERMISSIONS,
)
