"""Studio: what is in the way of a deletion, what is not there, and what a domain does not allow."""

from .table import ABSENT_ROLE, ACCOUNT, NOT_ASSUMED, REGION, Row

_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
_DOMAIN = {"DomainId": "{domain}"}
_USER = {**_DOMAIN, "UserProfileName": "ana"}
_SPACE = {**_DOMAIN, "SpaceName": "work"}
_APP = {**_DOMAIN, "AppType": "JupyterLab", "AppName": "default"}
_IMAGE = {"ImageName": "tools", "RoleArn": "{role}"}
_NEW = {
    "DomainName": "other",
    "AuthMode": "IAM",
    "VpcId": "vpc-00000001",
    "SubnetIds": ["subnet-00000001"],
    "DefaultUserSettings": {"ExecutionRole": "{role}"},
}
_HANDLERS = "aws-cloudformation/aws-cloudformation-resource-providers-sagemaker, which codes it maps to NotFound"
_TERRAFORM = "hashicorp/terraform-provider-aws internal/service/sagemaker: ResourceNotFound, which its Find passes over"
_FEEDBACK = "https://github.com/aws/amazon-sagemaker-feedback/issues/113"
_IMAGES = "https://github.com/aws-samples/sagemaker-studio-custom-image-samples/issues/17"
_API = "the API reference"

IN_THE_WAY = [
    Row(
        f"it has a {what}",
        operation,
        request,
        "ResourceInUse",
        f"Unable to delete {kind} [{_ARN}:{arn}] because {what}(s) are associated with it.",
        _FEEDBACK,
    )
    for operation, request, kind, arn, what in (
        ("DeleteDomain", _DOMAIN, "Domain", "domain/{domain}", "UserProfile"),
        ("DeleteUserProfile", _USER, "UserProfile", "user-profile/{domain}/ana", "Space"),
    )
]

ABSENT = [
    *(
        Row(f"there is none of that name ({operation})", operation, request, "ResourceNotFound", "...", source)
        for operation, request, source in (
            ("DescribeDomain", {"DomainId": "d-absent"}, _TERRAFORM),
            ("DescribeUserProfile", {**_DOMAIN, "UserProfileName": "none"}, _TERRAFORM),
            ("DescribeSpace", {**_DOMAIN, "SpaceName": "none"}, _TERRAFORM),
            ("DescribeApp", {**_APP, "SpaceName": "work"}, _HANDLERS),
            ("CreateUserProfile", {"DomainId": "d-absent", "UserProfileName": "ana"}, _API),
            ("DescribeStudioLifecycleConfig", {"StudioLifecycleConfigName": "none"}, _TERRAFORM),
            ("DescribeAppImageConfig", {"AppImageConfigName": "none"}, _HANDLERS),
            ("DescribeImage", {"ImageName": "none"}, _TERRAFORM),
        )
    ),
    Row(
        "the image has no version",
        "DescribeImageVersion",
        {"ImageName": "tools"},
        "ResourceNotFound",
        "Latest ImageVersion with ImageName tools does not exist. Please provide a valid ImageName.",
        _IMAGES,
    ),
]

TAKEN = [
    Row(
        "there is one of that name",
        "CreateImage",
        _IMAGE,
        "ResourceInUse",
        "The Image with ImageName tools already exists. Please use a different ImageName.",
        _IMAGES,
    ),
    Row(
        "there is one of that name",
        "CreateAppImageConfig",
        {"AppImageConfigName": "config"},
        "ResourceInUse",
        "The ID or Name specified is already in use.",
        _IMAGES,
    ),
    *(
        Row("there is one of that name", operation, request, "ResourceInUse", "...", source)
        for operation, request, source in (
            (
                "CreateDomain",
                {**_NEW, "DomainName": "conforms"},
                "https://github.com/aws/modern-data-architecture-accelerator/issues/35",
            ),
            ("CreateUserProfile", {**_DOMAIN, "UserProfileName": "ANA"}, _API),
            ("CreateSpace", _SPACE, _API),
        )
    ),
]

ASKED = [
    Row(
        "a private space without settings",
        "CreateSpace",
        {
            **_DOMAIN,
            "SpaceName": "other",
            "OwnershipSettings": {"OwnerUserProfileName": "ana"},
            "SpaceSharingSettings": {"SharingType": "Private"},
        },
        "ValidationException",
        f"SpaceSettings must be provided for creating private space [{_ARN}:space/{{domain}}/other]",
        "https://github.com/hashicorp/terraform-provider-aws/issues/38370",
    ),
    Row(
        "another type of apps for a space",
        "UpdateSpace",
        {**_SPACE, "SpaceSettings": {"AppType": "CodeEditor"}},
        "ValidationException",
        "Updating AppType for Space is not supported.",
        "https://github.com/hashicorp/terraform-provider-aws/issues/38370",
    ),
    Row(
        "security groups between apps without RStudio",
        "UpdateDomain",
        {**_DOMAIN, "AppSecurityGroupManagement": "Service"},
        "ValidationException",
        "AppSecurityGroupManagement can only be set for Rstudio enabled domains.",
        "https://github.com/hashicorp/terraform-provider-aws/issues/39923",
    ),
    *(
        Row(
            f"an app of nobody ({operation})",
            operation,
            _APP,
            "ValidationException",
            f"Either UserProfileName or SpaceName must be passed for {operation} operation.",
            "threads on 'when calling the DescribeApp operation'",
        )
        for operation in ("CreateApp", "DescribeApp", "DeleteApp")
    ),
    Row(
        "an app of a type that is deprecated",
        "CreateApp",
        {**_USER, "AppType": "KernelGateway", "AppName": "default"},
        "ValidationException",
        "Invalid AppType [KernelGateway]. This AppType has been deprecated.",
        "https://github.com/aws-samples/aws-ai-intelligent-document-processing/issues/53",
    ),
    *(
        Row(
            "the role of a domain's users does not exist",
            operation,
            request,
            "ValidationException",
            NOT_ASSUMED.format(role=ABSENT_ROLE),
            "the rule of every operation that takes a role",
        )
        for operation, request in (
            ("CreateDomain", {**_NEW, "DefaultUserSettings": {"ExecutionRole": ABSENT_ROLE}}),
            ("UpdateUserProfile", {**_USER, "UserSettings": {"ExecutionRole": ABSENT_ROLE}}),
            ("CreateImage", {**_IMAGE, "RoleArn": ABSENT_ROLE}),
        )
    ),
]

_SOURCE = "AWS takes it; the emulator says what it has not"

NOT_DONE = [
    Row(
        "IAM Identity Center",
        "CreateDomain",
        {**_NEW, "AuthMode": "SSO"},
        "NotImplemented",
        "AuthMode 'SSO' is not supported...",
        _SOURCE,
    ),
    *(
        Row(
            f"an app of type {kind}",
            "CreateApp",
            {**_USER, "AppType": kind, "AppName": "default"},
            "NotImplemented",
            f"Apps of type '{kind}' cannot run in this emulator, which runs those of type 'JupyterLab' alone...",
            _SOURCE,
        )
        for kind in ("Canvas", "CodeEditor", "JupyterServer", "RStudioServerPro", "TensorBoard")
    ),
]
