"""Feature groups: made, changed, listed, found and removed, and refused where they cannot be."""

import re
import threading
import time
from pathlib import Path
from typing import Any, cast

import pytest
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.features.kind import STATES, FeatureGroupKind
from sagecraft_emulator.features.offline.store import OfflineStore
from sagecraft_emulator.features.records import Records
from sagecraft_emulator.state.store import Record, Store

from tests.emulator.control_plane import ControlPlane

from .groups import DEFINITIONS, offline, request

NAMES = ("is_deleted", "write_time", "api_invocation_time")


def _created(control_plane: ControlPlane, name: str = "passengers", **members: Any) -> dict[str, Any]:
    control_plane.call("CreateFeatureGroup", **request(name, **members))
    return control_plane.wait("FeatureGroup", name, "Created")


def _refused(control_plane: ControlPlane, operation: str, **members: Any) -> ApiError:
    with pytest.raises(ApiError) as refused:
        control_plane.call(operation, **members)
    return refused.value


def test_a_group_is_made_and_described(control_plane: ControlPlane) -> None:
    answer = control_plane.call("CreateFeatureGroup", **request("Passengers", Description="Of a ship"))
    assert answer == {"FeatureGroupArn": "arn:aws:sagemaker:us-east-1:000000000000:feature-group/passengers"}
    view = control_plane.wait("FeatureGroup", "Passengers", "Created")
    assert view["CreationTime"] <= view["LastModifiedTime"]
    del view["CreationTime"], view["LastModifiedTime"]
    assert view == {
        "FeatureGroupArn": answer["FeatureGroupArn"],
        "FeatureGroupName": "Passengers",
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": DEFINITIONS,
        "OnlineStoreConfig": {"EnableOnlineStore": True, "StorageType": "Standard"},
        "ThroughputConfig": {"ThroughputMode": "OnDemand"},
        "FeatureGroupStatus": "Created",
        "Description": "Of a ship",
        "OnlineStoreTotalSizeBytes": 0,
    }
    by_arn = control_plane.call("DescribeFeatureGroup", FeatureGroupName=answer["FeatureGroupArn"])
    assert by_arn["FeatureGroupName"] == "Passengers"


def test_an_offline_store_tells_its_place_and_its_table(control_plane: ControlPlane) -> None:
    view = _created(control_plane, "my-Group", **offline("bucket"))
    config = view["OfflineStoreConfig"]
    created = int(view["CreationTime"])
    place = r"s3://bucket/store/000000000000/sagemaker/us-east-1/offline-store/my-Group-(\d+)/data"
    match = re.fullmatch(place, config["S3StorageConfig"]["ResolvedOutputS3Uri"])
    assert match is not None
    assert int(match[1]) in {created - 1, created}
    assert config["DataCatalogConfig"] == {
        "Catalog": "AwsDataCatalog",
        "Database": "sagemaker_featurestore",
        "TableName": f"my_group_{match[1]}",
    }
    assert view["OfflineStoreStatus"] == {"Status": "Active"}
    assert not config["DisableGlueTableCreation"]


def test_a_group_without_a_table_has_no_catalog_but_what_it_names(control_plane: ControlPlane) -> None:
    catalog = {"Catalog": "AwsDataCatalog", "Database": "mine", "TableName": "passengers"}
    bare = _created(control_plane, "bare", **offline("bucket", DisableGlueTableCreation=True))
    named = _created(control_plane, "named", **offline("bucket", DataCatalogConfig=catalog))
    assert "DataCatalogConfig" not in bare["OfflineStoreConfig"]
    assert named["OfflineStoreConfig"]["DataCatalogConfig"] == catalog


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"RecordIdentifierFeatureName": "nobody"}, "RecordIdentifierFeatureName 'nobody' is not in"),
        ({"EventTimeFeatureName": "never"}, "EventTimeFeatureName 'never' is not in"),
        ({"EventTimeFeatureName": "age"}, "EventTimeFeatureName 'age' has FeatureType Integral"),
        ({"EventTimeFeatureName": "id"}, "they must differ"),
        ({"FeatureDefinitions": [*DEFINITIONS, DEFINITIONS[2]]}, "the feature 'age' more than once"),
        (
            {"FeatureDefinitions": [*DEFINITIONS, {"FeatureName": "AGE", "FeatureType": "String"}]},
            "the feature 'age' more than once",
        ),
        *(
            ({"FeatureDefinitions": [*DEFINITIONS, {"FeatureName": name, "FeatureType": "String"}]}, f"'{name}' is")
            for name in NAMES
        ),
        ({"OnlineStoreConfig": {"EnableOnlineStore": False}}, "A feature group needs a store"),
        ({"OnlineStoreConfig": {"TtlDuration": {"Unit": "Days", "Value": 1}}}, "EnableOnlineStore is not true"),
        ({**offline("bucket"), "RoleArn": None}, "An OfflineStoreConfig needs a RoleArn"),
        (
            {**offline("b"), "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "https://bucket/a"}}},
            "S3Uri 'https://bucket/a' must begin with s3://",
        ),
        (
            {"ThroughputConfig": {"ThroughputMode": "OnDemand", "ProvisionedReadCapacityUnits": 1}},
            "belong to ThroughputMode Provisioned alone",
        ),
        (
            {"ThroughputConfig": {"ThroughputMode": "Provisioned", "ProvisionedReadCapacityUnits": 1}},
            "Provisioned needs ProvisionedWriteCapacityUnits",
        ),
        (
            {
                "FeatureDefinitions": [
                    *DEFINITIONS,
                    {"FeatureName": "v", "FeatureType": "String", "CollectionType": "List"},
                ]
            },
            "collections need an online store with StorageType 'InMemory', got Standard",
        ),
        (
            {
                "OnlineStoreConfig": {"EnableOnlineStore": True, "StorageType": "InMemory"},
                "FeatureDefinitions": [
                    *DEFINITIONS,
                    {"FeatureName": "v", "FeatureType": "Integral", "CollectionType": "Vector"},
                ],
            },
            "must have FeatureType Fractional, got Integral. Feature 'v' is a Vector and needs",
        ),
    ],
)
def test_a_group_that_cannot_be_is_refused(control_plane: ControlPlane, members: dict[str, Any], said: str) -> None:
    refused = _refused(control_plane, "CreateFeatureGroup", **request(**members))
    assert refused.code == "ValidationException"
    assert said in refused.message


def test_names_of_glue_are_those_that_athena_takes(control_plane: ControlPlane) -> None:
    """Source: `data-catalog-config` in the examples of https://github.com/aws/sagemaker-python-sdk"""

    def told(**catalog: str) -> str:
        config = {"Catalog": "AwsDataCatalog", "Database": "shop", "TableName": "people", **catalog}
        members = offline("bucket", DataCatalogConfig=config)
        return _refused(control_plane, "CreateFeatureGroup", **request(**members)).message

    assert "DataCatalogConfig.Catalog 'Mine' must be AwsDataCatalog, the only catalog there is." in told(Catalog="Mine")
    rule = "must have small letters, digits and underscores alone, and not begin with a digit."
    for wrong in ("my-table", "Table", "a b", "1st"):
        assert f"DataCatalogConfig.TableName '{wrong}' {rule}" in told(TableName=wrong)
        assert f"DataCatalogConfig.Database '{wrong}' {rule}" in told(Database=wrong)
    assert "must have at most 252 characters, got 253." in told(TableName="t" * 253)


def test_more_features_than_aws_takes_are_refused_by_the_model(control_plane: ControlPlane) -> None:
    many = [*DEFINITIONS, *({"FeatureName": f"f{each}", "FeatureType": "String"} for each in range(2497))]
    refused = _refused(control_plane, "CreateFeatureGroup", **request(FeatureDefinitions=many))
    assert "Member must have length less than or equal to 2500" in refused.message


def test_iceberg_is_refused_by_name(control_plane: ControlPlane) -> None:
    refused = _refused(control_plane, "CreateFeatureGroup", **request(**offline("bucket", TableFormat="Iceberg")))
    assert (refused.code, refused.http_status) == ("NotImplemented", 501)
    assert "Iceberg" in refused.message


def test_a_name_is_taken_also_in_other_letters(control_plane: ControlPlane) -> None:
    control_plane.call("CreateFeatureGroup", **request("some-group"))
    refused = _refused(control_plane, "CreateFeatureGroup", **request("Some-Group"))
    assert refused.code == "ResourceInUse"
    assert refused.message == (
        "Resource Already Exists: FeatureGroup with name some-group already exists. Choose a different name.\n"
        "Info: Feature Group 'some-group' already exists."
    )


def test_a_group_that_is_not_there(control_plane: ControlPlane) -> None:
    for operation in ("DescribeFeatureGroup", "DeleteFeatureGroup"):
        refused = _refused(control_plane, operation, FeatureGroupName="nothing")
        assert refused.code == "ResourceNotFound"
        assert refused.message == "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name nothing"


def test_features_are_added_and_described(control_plane: ControlPlane) -> None:
    before = _created(control_plane)
    added = {"FeatureName": "deck", "FeatureType": "String"}
    control_plane.call("UpdateFeatureGroup", FeatureGroupName="passengers", FeatureAdditions=[added])
    view = control_plane.call("DescribeFeatureGroup", FeatureGroupName="passengers")
    assert view["FeatureDefinitions"] == [*DEFINITIONS, added]
    assert view["LastUpdateStatus"] == {"Status": "Successful"}
    deck = control_plane.call("DescribeFeatureMetadata", FeatureGroupName="passengers", FeatureName="deck")
    assert deck["FeatureType"] == "String"
    assert deck["CreationTime"] > before["CreationTime"]
    refused = _refused(control_plane, "UpdateFeatureGroup", FeatureGroupName="passengers", FeatureAdditions=[added])
    assert "the feature 'deck' more than once" in refused.message


def test_one_change_at_a_time(control_plane: ControlPlane) -> None:
    _created(control_plane)
    nothing = _refused(control_plane, "UpdateFeatureGroup", FeatureGroupName="passengers")
    both = _refused(
        control_plane,
        "UpdateFeatureGroup",
        FeatureGroupName="passengers",
        OnlineStoreConfig={"TtlDuration": {"Unit": "Days", "Value": 1}},
        ThroughputConfig={"ThroughputMode": "OnDemand"},
    )
    assert "got none" in nothing.message
    assert "got OnlineStoreConfig and ThroughputConfig" in both.message


def test_the_time_to_live_is_set_and_taken_away(control_plane: ControlPlane) -> None:
    ttl = {"Unit": "Days", "Value": 2}
    _created(control_plane)
    for given, shown in ((ttl, {"TtlDuration": ttl}), ({}, {})):
        control_plane.call(
            "UpdateFeatureGroup", FeatureGroupName="passengers", OnlineStoreConfig={"TtlDuration": given}
        )
        view = control_plane.call("DescribeFeatureGroup", FeatureGroupName="passengers")
        assert view["OnlineStoreConfig"] == {"EnableOnlineStore": True, "StorageType": "Standard", **shown}


def test_a_storage_type_stays(control_plane: ControlPlane) -> None:
    _created(control_plane)
    refused = _refused(
        control_plane,
        "UpdateFeatureGroup",
        FeatureGroupName="passengers",
        OnlineStoreConfig={"StorageType": "InMemory"},
    )
    assert "cannot change from Standard to InMemory" in refused.message


def test_metadata_of_a_feature(control_plane: ControlPlane) -> None:
    _created(control_plane)
    feature = {"FeatureGroupName": "passengers", "FeatureName": "age"}
    given = [{"Key": "team", "Value": "ships"}, {"Key": "unit", "Value": "years"}]
    control_plane.call("UpdateFeatureMetadata", **feature, Description="In years", ParameterAdditions=given)
    control_plane.call("UpdateFeatureMetadata", **feature, ParameterRemovals=["team"])
    view = control_plane.call("DescribeFeatureMetadata", **feature)
    assert (view["Description"], view["Parameters"]) == ("In years", [{"Key": "unit", "Value": "years"}])
    many = [{"Key": f"k{each}", "Value": "v"} for each in range(25)]
    refused = _refused(control_plane, "UpdateFeatureMetadata", **feature, ParameterAdditions=many)
    assert "'age' would have 26" in refused.message
    absent = _refused(control_plane, "DescribeFeatureMetadata", FeatureGroupName="passengers", FeatureName="deck")
    assert absent.code == "ResourceNotFound"


def test_features_are_searched_for_by_their_parameters(control_plane: ControlPlane) -> None:
    """Source: `prepare_data/sm-feature_store_introduction` of https://github.com/aws/amazon-sagemaker-examples"""
    _created(control_plane)
    _created(control_plane, "sailors")
    given = [{"Key": "idType", "Value": "primaryKey"}]
    feature = {"FeatureGroupName": "passengers", "FeatureName": "id"}
    control_plane.call("UpdateFeatureMetadata", **feature, ParameterAdditions=given)

    def found(*filters: tuple[str, str, str]) -> list[tuple[str, str]]:
        expression = {"Filters": [{"Name": name, "Operator": how, "Value": value} for name, how, value in filters]}
        answer = control_plane.call("Search", Resource="FeatureMetadata", SearchExpression=expression)
        features = [each["FeatureMetadata"] for each in answer["Results"]]
        return sorted((each["FeatureGroupName"], each["FeatureName"]) for each in features)

    by_parameter = ("Parameters.idType", "Equals", "primaryKey")
    assert found(by_parameter) == [("passengers", "id")]
    assert found(("FeatureGroupName", "Contains", "passen"), by_parameter) == [("passengers", "id")]
    assert found(("FeatureGroupName", "Contains", "sail"), by_parameter) == []
    assert found(("FeatureName", "Equals", "age")) == [("passengers", "age"), ("sailors", "age")]


def test_lists_are_filtered_and_sorted(control_plane: ControlPlane) -> None:
    _created(control_plane, "b-online")
    _created(control_plane, "A-offline", **offline("bucket"))

    def names(**asked: Any) -> list[str]:
        found = control_plane.call("ListFeatureGroups", **asked)["FeatureGroupSummaries"]
        return [each["FeatureGroupName"] for each in found]

    assert names() == ["A-offline", "b-online"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["A-offline", "b-online"]
    assert names(SortBy="CreationTime", SortOrder="Ascending") == ["b-online", "A-offline"]
    assert names(SortBy="OfflineStoreStatus", SortOrder="Descending") == ["A-offline", "b-online"]
    assert names(NameContains="A-") == ["A-offline"]
    assert names(OfflineStoreStatusEquals="Active") == ["A-offline"]
    assert names(FeatureGroupStatusEquals="Deleting") == []
    assert names(FeatureGroupStatusEquals="Created", MaxResults=1) == ["A-offline"]


def test_a_group_is_tagged_and_removed(control_plane: ControlPlane) -> None:
    arn = _created(control_plane, Tags=[{"Key": "team", "Value": "ships"}])["FeatureGroupArn"]
    assert control_plane.call("ListTags", ResourceArn=arn) == {"Tags": [{"Key": "team", "Value": "ships"}]}
    control_plane.call("DeleteFeatureGroup", FeatureGroupName="passengers")
    view = control_plane.call("DescribeFeatureGroup", FeatureGroupName="passengers")
    assert view["FeatureGroupStatus"] == "Deleting"
    again = _refused(control_plane, "DeleteFeatureGroup", FeatureGroupName="passengers")
    assert "Unable to transition to (Deleting)" in again.message


class Awaited(OfflineStore):
    """An offline store that cannot be used, of which it is known whether that was found out."""

    def __init__(self) -> None:
        self.prepared: list[str] = []

    def prepare(self, group: Record) -> str | None:
        self.prepared.append(group.key.name)
        return "There is no bucket."


class OneBucket:
    """A machine whose clients know a bucket, which tells what is done with it, and is slow the first time."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._both = threading.Event()
        self.clients = self

    def as_role(self, *_: object) -> "OneBucket":
        self.done.append("begun")
        if self.done.count("begun") == 2:
            self._both.set()
        return self

    def s3(self, *_: object) -> "OneBucket":
        return self

    def get_bucket_acl(self, **_: object) -> None:
        self._both.wait(0.1)  # what comes meanwhile has that long to be wrong
        self.done.append("used")

    def end_sessions(self, *_: object) -> None:
        self.done.append("ended")


def test_a_session_of_a_groups_role_is_not_ended_by_who_looks_at_the_group_meanwhile(tmp_path: Path) -> None:
    machine = OneBucket()
    offline_store = OfflineStore(cast("Machine", machine))
    kind = FeatureGroupKind(
        Store(tmp_path / "state.sqlite3", {FeatureGroupKind.kind: STATES}),
        Records(tmp_path / "records.sqlite3"),
        offline_store,
    )
    caller = Caller("000000000000", "us-east-1")
    kind.create(caller, request("passengers", **offline("bucket", DisableGlueTableCreation=True)))
    (group,) = kind.store.find(kind.kind)
    lookers = [threading.Thread(target=offline_store.prepare, args=[group]) for _ in range(2)]
    for each in lookers:
        each.start()
    for each in lookers:
        each.join()
    assert machine.done == ["begun", "used", "ended"] * 2


def test_a_group_that_becomes_due_while_it_is_looked_at_is_not_ready_before_its_offline_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, awaited = Store(tmp_path / "state.sqlite3", {FeatureGroupKind.kind: STATES}), Awaited()
    caller = Caller("000000000000", "us-east-1")
    kind = FeatureGroupKind(store, Records(tmp_path / "records.sqlite3"), awaited)
    kind.create(caller, request("passengers", **offline("bucket")))
    moments = iter([time.time() + 60, 0.0])
    monkeypatch.setattr(kind, "due", lambda _: next(moments, 0.0))
    present = kind.settle(store.find(kind.kind)[0])
    assert present is not None
    assert (present.status, awaited.prepared) == ("Creating", [])
    assert kind.describe(caller, {"FeatureGroupName": "passengers"})["FailureReason"] == "There is no bucket."
    assert awaited.prepared == ["passengers"]
