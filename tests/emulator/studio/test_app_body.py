"""Apps of spaces: which are made, and with whose settings. Nothing runs behind these."""

import base64
from typing import Any

import pytest
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.pages.sessions import MayGoOn
from sagecraft_emulator.state.store import Record, RecordKey
from sagecraft_emulator.studio.app import AppKind
from sagecraft_emulator.studio.domain import DomainKind
from sagecraft_emulator.studio.home import NoFileSystems
from sagecraft_emulator.studio.images.app_image_config import AppImageConfigKind
from sagecraft_emulator.studio.images.attached import AttachedImages
from sagecraft_emulator.studio.images.image import ImageKind
from sagecraft_emulator.studio.images.version import ImageVersionKind
from sagecraft_emulator.studio.space import SpaceKind
from sagecraft_emulator.studio.user_profile import UserProfileKind

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

from .studio import make_domain, make_profile, make_space, settle

OTHER_ROLE = f"{ROLE}-other"
APP = {"SpaceName": "work", "AppType": "JupyterLab", "AppName": "default"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests prepare takes no time."""
    monkeypatch.setattr("sagecraft_emulator.api.settling.TRANSITION_SECONDS", 0.0)


class RecordedApps:
    """Comes into service at once, and takes note of what it is asked for."""

    def __init__(self, plane: ControlPlane) -> None:
        self._store = plane.store
        self.opened: list[tuple[str, float, float]] = []

    def start(self, key: RecordKey) -> None:
        self._store.update(key, status="InService")

    def stop(self, key: RecordKey) -> None:
        self._store.update(key, status="Deleted")

    def open_app(self, record: Record, session_seconds: float, url_seconds: float, may_go_on: MayGoOn) -> str:
        self.opened.append((record.key.name, session_seconds, url_seconds))
        return "http://page"

    def remove_space(self, space: Record) -> None:
        pass


class Studio:
    """A domain with two users, of whom one has a space."""

    def __init__(self, plane: ControlPlane, **settings: Any) -> None:
        self.plane, self.apps = plane, RecordedApps(plane)
        domains = DomainKind(plane.store, NoFileSystems())
        profiles = UserProfileKind(plane.store, domains)
        spaces = SpaceKind(plane.store, domains, profiles, self.apps)
        versions = ImageVersionKind(plane.store, ImageKind(plane.store))
        images = AttachedImages(versions, AppImageConfigKind(plane.store))
        self._kind = AppKind(plane.store, domains, profiles, spaces, images, self.apps)
        self.domain_id = make_domain(plane, DefaultUserSettings={"ExecutionRole": ROLE, **settings})
        for name in ("ana", "ben"):
            make_profile(plane, self.domain_id, name)
        make_space(plane, self.domain_id)

    def create(self, **members: Any) -> Record:
        request = {"DomainId": self.domain_id, **APP, **members}
        self._kind.create(self.plane.caller, request)
        return self.plane.store.get(RecordKey("App", ACCOUNT, REGION, self._kind.name_in(request)))

    def delete(self) -> None:
        self._kind.delete(self.plane.caller, {"DomainId": self.domain_id, **APP})

    def open(self, **members: Any) -> dict[str, Any]:
        request = {"DomainId": self.domain_id, "UserProfileName": "ana", "SpaceName": "work", **members}
        return self._kind.open(self.plane.caller, request)


def spec(**members: str) -> dict[str, Any]:
    return {"JupyterLabAppSettings": {"DefaultResourceSpec": members}}


def test_an_app_has_the_settings_of_its_request_its_space_its_user_and_its_domain(control_plane: ControlPlane) -> None:
    script = base64.b64encode(b"true").decode()
    config = {"StudioLifecycleConfigContent": script, "StudioLifecycleConfigAppType": "JupyterLab"}
    made = control_plane.call("CreateStudioLifecycleConfig", StudioLifecycleConfigName="start", **config)
    arn = made["StudioLifecycleConfigArn"]
    defaults = {"InstanceType": "ml.m5.large", "LifecycleConfigArn": arn}
    lab = {"DefaultResourceSpec": defaults, "LifecycleConfigArns": [arn]}
    studio = Studio(control_plane, JupyterLabAppSettings=lab)
    body = studio.create().body
    assert body["ResourceSpec"] == defaults
    assert (body["_RoleArn"], body["_OnStart"], body["_VolumeSizeInGb"]) == (ROLE, script, 5)
    make_profile(control_plane, studio.domain_id, "cleo", UserSettings={"ExecutionRole": OTHER_ROLE})
    owner = {"OwnershipSettings": {"OwnerUserProfileName": "cleo"}}
    settings = {"AppType": "JupyterLab", **spec(InstanceType="ml.t3.large")}
    make_space(control_plane, studio.domain_id, "cleos", **owner, SpaceSettings=settings)
    theirs = studio.create(SpaceName="Cleos").body
    assert (theirs["_RoleArn"], theirs["ResourceSpec"]["InstanceType"]) == (OTHER_ROLE, "ml.t3.large")
    assert theirs["SpaceName"] == "cleos"


def test_a_script_runs_that_the_domain_or_the_user_offers(control_plane: ControlPlane) -> None:
    script = {"StudioLifecycleConfigContent": "dHJ1ZQ==", "StudioLifecycleConfigAppType": "JupyterLab"}
    made = control_plane.call("CreateStudioLifecycleConfig", StudioLifecycleConfigName="start", **script)
    arn = made["StudioLifecycleConfigArn"]
    studio = Studio(control_plane)
    with pytest.raises(ApiError, match=r"with StudioLifecycleConfig \[.*/start\] because it is not present in Life"):
        studio.create(ResourceSpec={"LifecycleConfigArn": arn})
    user = {"JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    control_plane.call("UpdateUserProfile", DomainId=studio.domain_id, UserProfileName="ana", UserSettings=user)
    assert studio.create(ResourceSpec={"LifecycleConfigArn": arn}).body["_OnStart"] == "dHJ1ZQ=="


def idle(**members: Any) -> dict[str, Any]:
    return {"AppLifecycleManagement": {"IdleSettings": members}}


@pytest.mark.parametrize(
    ("of_domain", "of_user", "of_space", "minutes"),
    [
        ({}, {}, {}, None),
        (idle(IdleTimeoutInMinutes=60), {}, {}, None),
        (idle(LifecycleManagement="ENABLED", IdleTimeoutInMinutes=60), {}, {}, 60),
        (idle(LifecycleManagement="ENABLED"), {}, {}, 10_080),
        (idle(LifecycleManagement="ENABLED"), idle(IdleTimeoutInMinutes=90), {}, 90),
        (idle(LifecycleManagement="ENABLED"), idle(LifecycleManagement="DISABLED"), {}, None),
        (idle(LifecycleManagement="ENABLED", IdleTimeoutInMinutes=60), {}, idle(IdleTimeoutInMinutes=120), 120),
        (idle(IdleTimeoutInMinutes=60), {}, idle(IdleTimeoutInMinutes=120), None),
        # What a user has besides leaves it as the domain has it.
        (idle(LifecycleManagement="ENABLED", IdleTimeoutInMinutes=60), {"DefaultResourceSpec": {}}, {}, 60),
    ],
)
def test_an_idle_app_is_stopped_as_its_domain_its_user_and_its_space_say(
    control_plane: ControlPlane,
    of_domain: dict[str, Any],
    of_user: dict[str, Any],
    of_space: dict[str, Any],
    minutes: int | None,
) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-idle-shutdown.html"""
    studio = Studio(control_plane, JupyterLabAppSettings=of_domain)
    make_profile(control_plane, studio.domain_id, "cleo", UserSettings={"JupyterLabAppSettings": of_user})
    owner = {"OwnershipSettings": {"OwnerUserProfileName": "cleo"}}
    settings = {"AppType": "JupyterLab", "JupyterLabAppSettings": of_space}
    make_space(control_plane, studio.domain_id, "cleos", **owner, SpaceSettings=settings)
    assert studio.create(SpaceName="cleos").body.get("_IdleMinutes") == minutes


IMAGE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:image/lab"
VERSION = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:image-version/lab"
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/lab"
DISTRIBUTION = f"arn:aws:sagemaker:{REGION}:885854791233:image/sagemaker-distribution-cpu"
ATTACHED = {"ImageName": "Lab", "AppImageConfigName": "lab"}


def images_of(plane: ControlPlane) -> None:
    """An image with two versions, of which one has an alias, and how apps run it."""
    plane.call("CreateImage", ImageName="lab", RoleArn=ROLE)
    settle(plane, "Image", "CREATED", "ImageStatus", ImageName="lab")
    for number in (1, 2):
        alias = {"Aliases": ["1.0.0"]} if number == 1 else {}
        token = {"ClientToken": str(number)}
        plane.call("CreateImageVersion", ImageName="lab", BaseImage=f"{URI}:{number}", **alias, **token)
        settle(plane, "ImageVersion", "CREATED", "ImageVersionStatus", ImageName="lab", Version=number)
    container = {"ContainerEntrypoint": ["lab"], "ContainerArguments": ["--quick"]}
    config = {"JupyterLabAppImageConfig": {"ContainerConfig": container}}
    plane.call("CreateAppImageConfig", AppImageConfigName="lab", **config)


@pytest.mark.parametrize(
    ("of_space", "asked", "number"),
    [
        ({}, {"SageMakerImageArn": IMAGE}, 2),
        ({}, {"SageMakerImageArn": IMAGE, "SageMakerImageVersionAlias": "1.0.0"}, 1),
        ({}, {"SageMakerImageVersionArn": f"{VERSION}/1"}, 1),
        ({"SageMakerImageVersionArn": f"{VERSION}/1"}, {}, 1),
        ({"SageMakerImageVersionArn": f"{VERSION}/1"}, {"SageMakerImageArn": IMAGE}, 2),
        ({"SageMakerImageVersionArn": f"{VERSION}/1"}, {"SageMakerImageVersionArn": "None"}, None),
        ({"SageMakerImageArn": IMAGE}, {"SageMakerImageArn": DISTRIBUTION}, None),
        ({}, {"LifecycleConfigArn": "None"}, None),
    ],
)
def test_an_app_runs_the_version_of_the_image_that_is_asked_for(
    control_plane: ControlPlane, of_space: dict[str, str], asked: dict[str, str], number: int | None
) -> None:
    images_of(control_plane)
    studio = Studio(control_plane, JupyterLabAppSettings={"CustomImages": [ATTACHED]})
    settings = {"AppType": "JupyterLab", **spec(**of_space)}
    control_plane.call("UpdateSpace", DomainId=studio.domain_id, SpaceName="work", SpaceSettings=settings)
    body = studio.create(ResourceSpec=asked).body
    if number is None:
        assert "_Image" not in body
    else:
        run = {"ContainerEntrypoint": ["lab"], "ContainerArguments": ["--quick"]}
        assert body["_Image"] == {"Uri": f"{URI}:{number}", **run}
        told = body["ResourceSpec"]
        assert (told["SageMakerImageArn"], told["SageMakerImageVersionArn"]) == (IMAGE, f"{VERSION}/{number}")
    assert "None" not in body["ResourceSpec"].values()


def test_an_image_that_is_attached_with_a_version_runs_in_that(control_plane: ControlPlane) -> None:
    images_of(control_plane)
    studio = Studio(control_plane)
    user = {"JupyterLabAppSettings": {"CustomImages": [{**ATTACHED, "ImageVersionNumber": 1}]}}
    control_plane.call("UpdateUserProfile", DomainId=studio.domain_id, UserProfileName="ana", UserSettings=user)
    assert studio.create(ResourceSpec={"SageMakerImageArn": IMAGE}).body["_Image"]["Uri"] == f"{URI}:1"


@pytest.mark.parametrize(
    ("attached", "asked", "message"),
    [
        (
            # Source: https://github.com/aws/amazon-sagemaker-feedback/issues/110
            [],
            {"SageMakerImageArn": IMAGE},
            r"Unable to launch App \[arn:.*/work/.*\] with Image \[lab\] because it is not present in list of",
        ),
        ([ATTACHED], {"SageMakerImageVersionArn": f"{VERSION}/7"}, "ImageName lab and Version 7 does not exist"),
        (
            [ATTACHED],
            {"SageMakerImageArn": IMAGE, "SageMakerImageVersionAlias": "7"},
            "ImageName lab and Alias 7 does not exist",
        ),
        (
            [{**ATTACHED, "AppImageConfigName": "gone"}],
            {"SageMakerImageArn": IMAGE},
            r"AppImageConfig \[.*/gone\] does not exist",
        ),
        ([ATTACHED], {"SageMakerImageArn": IMAGE.replace(ACCOUNT, "1" * 12)}, r"Image \[.*\] does not exist"),
    ],
)
def test_an_image_that_an_app_cannot_run_is_refused_and_the_app_of_its_name_stays_known(
    control_plane: ControlPlane, attached: list[dict[str, str]], asked: dict[str, str], message: str
) -> None:
    images_of(control_plane)
    studio = Studio(control_plane, JupyterLabAppSettings={"CustomImages": attached})
    ended = studio.create().key
    studio.delete()
    with pytest.raises(ApiError, match=message):
        studio.create(ResourceSpec=asked)
    assert [(each.key, each.status) for each in control_plane.store.find("App")] == [(ended, "Deleted")]


def test_a_space_has_one_app_at_a_time_and_its_name_again_after_it(control_plane: ControlPlane) -> None:
    studio = Studio(control_plane)
    studio.create()
    for name in ("default", "second"):
        with pytest.raises(ApiError, match=r"Unable to create app \[.*\] because Space \[.*/work\] has an app"):
            studio.create(AppName=name)
    studio.delete()
    assert studio.create().status == "InService"


def test_an_app_has_the_tags_of_its_domain_and_its_user(control_plane: ControlPlane) -> None:
    studio = Studio(control_plane)
    arn = control_plane.store.get(RecordKey("Domain", ACCOUNT, REGION, studio.domain_id)).arn
    user = control_plane.store.get(RecordKey("UserProfile", ACCOUNT, REGION, f"{studio.domain_id}/ana")).arn
    control_plane.store.set_tags(arn, {"team": "growth", "person": "nobody"})
    control_plane.store.set_tags(user, {"person": "ana", "stage": "test"})
    app = studio.create(Tags=[{"Key": "stage", "Value": "live"}])
    assert control_plane.store.tags(app.arn) == {"person": "ana", "stage": "live", "team": "growth"}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"AppType": "CodeEditor"}, "which runs those of type 'JupyterLab' alone: it makes no"),
        ({"SpaceName": "none"}, "does not exist"),
        ({"ResourceSpec": {"LifecycleConfigArn": "arn:none"}}, r"StudioLifecycleConfig \[arn:none\] does not exist"),
    ],
)
def test_an_app_that_cannot_be_is_refused(control_plane: ControlPlane, members: dict[str, Any], message: str) -> None:
    studio = Studio(control_plane)
    with pytest.raises(ApiError, match=message):
        studio.create(**members)
    assert control_plane.store.find("App") == []


def test_a_shared_space_has_the_role_of_shared_spaces(control_plane: ControlPlane) -> None:
    studio = Studio(control_plane)
    shared = {"SpaceSharingSettings": {"SharingType": "Shared"}}
    make_space(control_plane, studio.domain_id, "together", **shared)
    with pytest.raises(ApiError, match="has no ExecutionRole in DefaultSpaceSettings"):
        studio.create(SpaceName="together")
    changed = {"DomainId": studio.domain_id, "DefaultSpaceSettings": {"ExecutionRole": OTHER_ROLE}}
    control_plane.call("UpdateDomain", **changed)
    assert studio.create(SpaceName="together").body["_RoleArn"] == OTHER_ROLE


def test_an_app_opens_for_the_owner_of_its_space_alone(control_plane: ControlPlane) -> None:
    studio = Studio(control_plane)
    with pytest.raises(ApiError, match="has no app that is InService"):
        studio.open()
    name = studio.create().key.name
    assert studio.open() == {"AuthorizedUrl": "http://page"}
    studio.open(ExpiresInSeconds=60, SessionExpirationDurationInSeconds=1800)
    assert studio.apps.opened == [(name, 43_200, 300), (name, 1800, 60)]
    with pytest.raises(ApiError, match=r"is private, and UserProfile \[.*/ben\] is not its owner"):
        studio.open(UserProfileName="ben")
    with pytest.raises(ApiError, match="leave LandingUri out or make it 'app:JupyterLab:'"):
        studio.open(LandingUri="studio::")
