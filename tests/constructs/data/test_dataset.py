from pathlib import Path

import pytest
from aws_cdk import App, Stage
from aws_cdk.assertions import Match, Template
from sagecraft_constructs import Dataset, InvalidProps, PreparationFailed

from tests.constructs.stack import make_bucket, make_stack
from tests.constructs.template_checks import assert_clean


def folder(tmp_path: Path) -> Path:
    (tmp_path / "train").mkdir(exist_ok=True)
    (tmp_path / "train" / "rows.csv").write_text("1,2\n0,3\n")
    return tmp_path


def test_files_lie_under_a_hash_of_their_content(tmp_path: Path) -> None:
    prefixes = []
    for text in ("1,2\n", "1,2\n", "1,3\n"):
        (folder(tmp_path) / "train" / "rows.csv").write_text(text)
        stack = make_stack()
        prefixes.append(Dataset(stack, "Titanic", bucket=make_bucket(stack), path=tmp_path).prefix)
    assert prefixes[0] == prefixes[1] != prefixes[2]
    assert prefixes[0].startswith("titanic/")
    assert prefixes[0].endswith("/")


def test_the_upload_keeps_what_is_there_and_has_no_finding(tmp_path: Path) -> None:
    stack = make_stack()
    dataset = Dataset(stack, "Titanic", bucket=make_bucket(stack), path=folder(tmp_path))
    Template.from_stack(stack).has_resource_properties(
        "Custom::CDKBucketDeployment",
        {
            "DestinationBucketKeyPrefix": dataset.prefix,
            "DestinationBucketName": {"Ref": Match.string_like_regexp("^Bucket")},
            "Prune": False,
            "RetainOnDelete": True,
        },
    )
    assert_clean(stack)


def test_a_bucket_in_another_stack_has_no_finding(tmp_path: Path) -> None:
    data = make_stack(name="Data")
    root = data.node.root
    assert isinstance(root, App)
    stack = make_stack(name="Training", app=root)
    Dataset(stack, "Titanic", bucket=make_bucket(data), path=folder(tmp_path))
    assert_clean(stack)


def test_a_preparation_writes_what_is_uploaded(tmp_path: Path) -> None:
    source = tmp_path / "passengers.csv"
    source.write_text("a\nb\n")
    seen: list[Path] = []

    def prepare(given: Path, output: Path) -> None:
        seen.append(given)
        (output / "train").mkdir()
        (output / "train" / "rows.csv").write_text(given.read_text().upper())

    stack = make_stack()
    dataset = Dataset(stack, "Titanic", bucket=make_bucket(stack), path=source, preparation=prepare, name="titanic/v1")
    assert seen == [source]
    assert dataset.prefix.startswith("titanic/v1/")
    stack.node.root.synth()  # type: ignore[attr-defined]  # the root is an App
    assembly = Stage.of(stack)
    assert assembly is not None
    (written,) = Path(assembly.outdir).glob("asset.*/train/rows.csv")
    assert written.read_text() == "A\nB\n"


def test_one_file_is_uploaded_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "passengers.csv"
    source.write_text("a\n")
    (tmp_path / "other.csv").write_text("not this one\n")
    stack = make_stack()
    Dataset(stack, "Titanic", bucket=make_bucket(stack), path=source)
    stack.node.root.synth()  # type: ignore[attr-defined]  # the root is an App
    assembly = Stage.of(stack)
    assert assembly is not None
    assert [each.name for each in Path(assembly.outdir).glob("asset.*/*.csv")] == ["passengers.csv"]


def test_a_channel_is_a_folder_of_the_dataset(tmp_path: Path) -> None:
    stack = make_stack()
    dataset = Dataset(stack, "Titanic", bucket=make_bucket(stack), path=folder(tmp_path))
    train = dataset.channel("train", content_type="text/csv")
    assert train.prefix == f"{dataset.prefix}train/"
    assert train.content_type == "text/csv"
    assert stack.resolve(train.s3_uri)["Fn::Join"][1][2] == f"/{dataset.prefix}train/"
    assert dataset.channel().prefix == dataset.prefix


def test_a_missing_path_and_a_bad_name_are_told_at_once(tmp_path: Path) -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    with pytest.raises(InvalidProps, match=r"Dataset 'Stack/Titanic': path: '.*none' does not exist .* name: '/x'"):
        Dataset(stack, "Titanic", bucket=bucket, path=tmp_path / "none", name="/x")


def test_a_preparation_that_raises_is_named_with_its_error(tmp_path: Path) -> None:
    def prepare(given: Path, output: Path) -> None:
        raise KeyError("Fare")

    stack = make_stack()
    bucket = make_bucket(stack)
    with pytest.raises(PreparationFailed, match=r"Dataset 'Stack/Titanic': preparing .* failed: KeyError: 'Fare'"):
        Dataset(stack, "Titanic", bucket=bucket, path=tmp_path, preparation=prepare)


def test_a_preparation_that_writes_nothing_is_refused(tmp_path: Path) -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    with pytest.raises(PreparationFailed, match="wrote no file"):
        Dataset(stack, "Titanic", bucket=bucket, path=tmp_path, preparation=lambda given, output: None)


def test_datasets_of_one_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1\n")
    (tmp_path / "b.csv").write_text("2\n")

    def prepare(_: Path, output: Path) -> None:
        (output / "c.csv").write_text("3\n")

    stack = make_stack()
    bucket = make_bucket(stack)
    files = [Dataset(stack, name, bucket=bucket, path=tmp_path / f"{name}.csv", name="x") for name in ("a", "b")]
    prepared = Dataset(stack, "c", bucket=bucket, path=tmp_path / "a.csv", name="x", preparation=prepare)
    assert len({dataset.prefix for dataset in (*files, prepared)}) == 3
