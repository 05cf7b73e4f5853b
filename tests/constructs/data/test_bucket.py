from aws_cdk import RemovalPolicy, Tags
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template
from sagecraft_constructs import DataBucket

from tests.constructs.stack import make_stack, resources
from tests.constructs.template_checks import assert_clean

CLOSED = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


def test_a_bucket_is_encrypted_closed_logged_and_stays() -> None:
    stack = make_stack()
    DataBucket(stack, "Bucket")
    template = Template.from_stack(stack)
    template.has_resource(
        "AWS::S3::Bucket",
        {
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
                "PublicAccessBlockConfiguration": CLOSED,
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "LifecycleConfiguration": {
                    "Rules": [{"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Status": "Enabled"}]
                },
                "LoggingConfiguration": {
                    "DestinationBucketName": {"Ref": Match.string_like_regexp("^BucketAccessLogs")},
                    "LogFilePrefix": "access/",
                },
                "VersioningConfiguration": Match.absent(),
            },
        },
    )


def test_plain_http_and_old_tls_are_refused() -> None:
    stack = make_stack()
    DataBucket(stack, "Bucket")
    for policy in resources(stack, "AWS::S3::BucketPolicy"):
        denials = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert [each["Condition"] for each in denials] == [
            {"Bool": {"aws:SecureTransport": "false"}},
            {"NumericLessThan": {"s3:TlsVersion": 1.2}},
        ]


def test_the_access_log_may_be_written_by_s3_for_this_account_alone() -> None:
    stack = make_stack()
    DataBucket(stack, "Bucket")
    (allowed,) = [
        each
        for policy in resources(stack, "AWS::S3::BucketPolicy")
        for each in policy["PolicyDocument"]["Statement"]
        if each["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    ]
    assert allowed["Action"] == "s3:PutObject"
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_a_key_encrypts_with_a_bucket_key() -> None:
    stack = make_stack()
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    DataBucket(stack, "Bucket", encryption_key=key, versioned=True)
    Template.from_stack(stack).has_resource_properties(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {
                            "SSEAlgorithm": "aws:kms",
                            "KMSMasterKeyID": {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]},
                        },
                    }
                ]
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    )


def test_a_bucket_to_be_destroyed_goes_with_its_objects() -> None:
    stack = make_stack()
    DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
    template = Template.from_stack(stack)
    template.resource_count_is("Custom::S3AutoDeleteObjects", 2)
    template.all_resources("AWS::S3::Bucket", {"DeletionPolicy": "Delete"})


def test_an_access_log_bucket_given_is_used() -> None:
    stack = make_stack()
    logs = DataBucket.from_bucket_name(stack, "Logs", "all-access-logs")
    bucket = DataBucket(stack, "Bucket", access_logs=logs)
    Tags.of(bucket).add("team", "data")
    (properties,) = resources(stack, "AWS::S3::Bucket")
    assert properties["LoggingConfiguration"]["DestinationBucketName"] == "all-access-logs"
    assert {"Key": "team", "Value": "data"} in properties["Tags"]


def test_no_finding() -> None:
    stack = make_stack()
    DataBucket(stack, "Kept")
    DataBucket(stack, "Destroyed", removal_policy=RemovalPolicy.DESTROY)
    assert_clean(stack)
