import pytest
from sagecraft_catalog import InvalidS3Uri, S3Location, is_legal_key, join_key


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("s3://bucket/a/b", "bucket", "a/b"),
        ("s3://bucket//a", "bucket", "/a"),
        ("s3://bucket/a#b?c%20d", "bucket", "a#b?c%20d"),
        ("https://s3-eu-west-1.amazonaws.com/bucket/a%20b", "bucket", "a b"),
        ("https://s3.eu-west-1.amazonaws.com/bucket/a", "bucket", "a"),
        ("https://s3.amazonaws.com/bucket/a", "bucket", "a"),
        ("https://s3.cn-north-1.amazonaws.com.cn/bucket/a", "bucket", "a"),
        ("https://dotted.bucket.s3.eu-west-1.amazonaws.com/a/b%20c", "dotted.bucket", "a/b c"),
        ("https://bucket.s3-eu-west-1.amazonaws.com/a", "bucket", "a"),
        ("https://bucket.s3.amazonaws.com", "bucket", ""),
    ],
)
def test_a_uri_of_each_style_is_read(uri: str, bucket: str, key: str) -> None:
    assert S3Location.parse(uri) == S3Location(bucket, key)


@pytest.mark.parametrize(
    "uri",
    ["", "bucket/key", "/local/file", "s3:///key", "https://example.com/bucket/key", "https://s3.example.com/b/k"],
)
def test_what_is_no_uri_of_s3_is_refused(uri: str) -> None:
    with pytest.raises(InvalidS3Uri, match=f"^'{uri}' is not an S3 URI; write s3://BUCKET/KEY\\.$"):
        S3Location.parse(uri)


@pytest.mark.parametrize("prefix", ["models", "models/", "/models", "/models/", "//models//"])
def test_parts_are_joined_by_one_slash_whichever_of_them_has_one(prefix: str) -> None:
    assert join_key(prefix, "job", "output/model.tar.gz") == "models/job/output/model.tar.gz"
    assert (S3Location("bucket", prefix) / "job").uri == "s3://bucket/models/job"


def test_empty_parts_are_left_out_and_the_last_keeps_its_end() -> None:
    assert join_key("", "job", "output/") == "job/output/"
    assert join_key("/", "", "/") == ""
    assert (S3Location("bucket") / "job").uri == "s3://bucket/job"


def test_a_folder_ends_with_a_slash_but_for_the_whole_bucket() -> None:
    for key in ("a/b", "a/b/", "/a/b"):
        assert S3Location("bucket", key).folder == S3Location("bucket", "a/b/")
    assert S3Location("bucket").folder == S3Location("bucket")


@pytest.mark.parametrize(
    ("key", "legal"), [("", True), ("a/b/", True), ("/a", False), ("a//b", False), ("a/b//", False)]
)
def test_sagemaker_reads_no_key_with_two_slashes(key: str, legal: bool) -> None:
    # "S3 key: s3://…/training/test//images/… has an illegal char sub-sequence '//' in it", a training job of AWS's.
    assert is_legal_key(key) is S3Location("bucket", key).is_legal is legal
