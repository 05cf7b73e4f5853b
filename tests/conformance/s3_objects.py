"""What S3 says of the body of an object: a checksum that is another, a range of nothing, parts that are not there."""

from typing import Any

from .table import Row

_KEY = {"Bucket": "{bucket}", "Key": "object"}
_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
_OTHER_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg=="
_OTHER_SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
_PARTS: dict[str, Any] = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "x"}]}}


def _put(case: str, code: str, message: str, source: str, **members: Any) -> Row:
    return Row(case, "PutObject", {**_KEY, "Body": b"1,2", **members}, code, message, source, "s3")


BODIES = [
    _put(
        "Content-MD5 is that of another body",
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
        "boto/boto3 threads on BadDigest, and the list at " + _ERRORS,
        ContentMD5=_OTHER_MD5,
    ),
    _put(
        "Content-MD5 is no MD5",
        "InvalidDigest",
        "The Content-MD5 you specified was invalid.",
        "aws/aws-cli threads: 'A client error (InvalidDigest) occurred when calling the PutObject operation'",
        ContentMD5="bm9uZQ==",
    ),
    _put(
        "a checksum is that of another body",
        "BadDigest",
        "The SHA256 you specified did not match the calculated checksum.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html",
        ChecksumSHA256=_OTHER_SHA256,
    ),
    _put(
        "a checksum is none",
        "InvalidRequest",
        "Value for x-amz-checksum-sha256 header is invalid.",
        "aws/aws-sdk-kotlin services/s3/e2eTest/src/S3IntegrationTest.kt",
        ChecksumSHA256="blerg",
    ),
    Row(
        "nothing lies in the range",
        "GetObject",
        {"Bucket": "{bucket}", "Key": "train/part-0.csv", "Range": "bytes=4-"},
        "InvalidRange",
        "The requested range is not satisfiable",
        _ERRORS,
        "s3",
    ),
    *(
        Row(
            "there is no such upload",
            operation,
            {**_KEY, "UploadId": "absent", **members},
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
            "completed.",
            "public threads on 'Error Code: NoSuchUpload' of com.amazonaws.services.s3, and the list at " + _ERRORS,
            "s3",
        )
        for operation, members in (
            ("UploadPart", {"PartNumber": 1, "Body": b"1"}),
            ("UploadPartCopy", {"PartNumber": 1, "CopySource": "{bucket}/train/part-0.csv"}),
            ("CompleteMultipartUpload", _PARTS),
            ("AbortMultipartUpload", {}),
            ("ListParts", {}),
        )
    ),
]
