"""What this room is told of data: buckets, and what is put into them."""

from typing import Final

from sagecraft_catalog.charge import surroundings as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

DATA: Final = Noun(
    look=Look(
        shown={
            "AWS::S3::Bucket": (Kind.DATA, "Bucket"),
            "Custom::CDKBucketDeployment": (Kind.DATA, "Dataset"),
            "AWS::DynamoDB::Table": (Kind.DATA, "Table"),
        },
        serves={
            "AWS::S3::BucketPolicy": ("Bucket",),
            "Custom::S3AutoDeleteObjects": ("BucketName",),
            "Custom::S3BucketNotifications": ("BucketName",),
        },
    ),
    components=(Component("DataBucket"), Component("Dataset")),
    costs=charged.DATA,
)
