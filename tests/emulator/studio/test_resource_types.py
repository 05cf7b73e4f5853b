"""Studio in CloudFormation."""

import pytest
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.orchestration.cloudformation import ResourceFailed

from tests.emulator.control_plane import ROLE, ControlPlane
from tests.emulator.orchestration.stack_resource import PREFIX, change, make, remove

from .studio import DOMAIN, PRIVATE, add_app, settle
from .test_images import BASE, SCRIPT


def test_a_domain_is_made_changed_and_removed_in_order(control_plane: ControlPlane) -> None:
    domain = make(control_plane, "Domain", DOMAIN)
    domain_id = domain.physical_id
    assert domain.attributes["DomainArn"] == f"{PREFIX}:domain/{domain_id}"
    assert domain.attributes["Url"].startswith(f"https://{domain_id}.studio.")
    user = {"DomainId": domain_id, "UserProfileName": "Ana"}
    profile = make(control_plane, "UserProfile", user)
    assert profile.physical_id == f"ana|{domain_id}"
    assert profile.attributes == {"UserProfileArn": f"{PREFIX}:user-profile/{domain_id}/ana"}
    work = {"DomainId": domain_id, "SpaceName": "work", **PRIVATE}
    space = make(control_plane, "Space", work)
    assert space.physical_id == f"{domain_id}|work"
    assert set(space.attributes) == {"SpaceArn", "Url"}

    settings = {"ExecutionRole": ROLE, "StudioWebPortal": "DISABLED"}
    changed = {**DOMAIN, "DefaultUserSettings": settings, "DomainSettings": {"SecurityGroupIds": ["sg-1"]}}
    tagged = {**changed, "Tags": [{"Key": "team", "Value": "growth"}]}
    assert change(control_plane, "Domain", domain, DOMAIN, tagged) == domain
    described = control_plane.client.describe_domain(DomainId=domain_id)
    assert (described["Status"], described["DefaultUserSettings"]) == ("InService", settings)
    assert described["DomainSettings"] == {"SecurityGroupIds": ["sg-1"]}
    assert len(control_plane.client.list_tags(ResourceArn=domain.attributes["DomainArn"])["Tags"]) == 1
    larger = {**user, "UserSettings": {"SecurityGroups": ["sg-1"]}}
    assert change(control_plane, "UserProfile", profile, user, larger) == profile

    with pytest.raises(ApiError, match=r"because UserProfile\(s\) are associated with it"):
        remove(control_plane, "Domain", domain_id)
    for noun, made in (("Space", space), ("UserProfile", profile), ("Domain", domain)):
        remove(control_plane, noun, made.physical_id)
        remove(control_plane, noun, made.physical_id)
    assert control_plane.client.list_domains()["Domains"] == []


def test_a_user_profile_moves_to_another_domain_under_its_name(control_plane: ControlPlane) -> None:
    first, second = (make(control_plane, "Domain", {**DOMAIN, "DomainName": name}) for name in ("first", "second"))
    old, new = ({"DomainId": each.physical_id, "UserProfileName": "ana"} for each in (first, second))
    made = make(control_plane, "UserProfile", old)
    assert change(control_plane, "UserProfile", made, old, new).physical_id == f"ana|{second.physical_id}"
    with pytest.raises(ResourceFailed, match="has a name of its own"):
        change(
            control_plane,
            "Domain",
            first,
            {**DOMAIN, "DomainName": "first"},
            {**DOMAIN, "DomainName": "first", "KmsKeyId": "key"},
        )


def test_apps_of_a_space_keep_it(control_plane: ControlPlane) -> None:
    domain_id = make(control_plane, "Domain", DOMAIN).physical_id
    make(control_plane, "UserProfile", {"DomainId": domain_id, "UserProfileName": "ana"})
    space = make(control_plane, "Space", {"DomainId": domain_id, "SpaceName": "work", **PRIVATE})
    add_app(control_plane, domain_id, SpaceName="work")
    with pytest.raises(ApiError, match=r"because App\(s\) are associated with it"):
        remove(control_plane, "Space", space.physical_id)
    app = {"DomainId": domain_id, "SpaceName": "work", "AppType": "JupyterLab", "AppName": "default"}
    control_plane.client.delete_app(**app)
    settle(control_plane, "App", "Deleted", **app)
    remove(control_plane, "Space", space.physical_id)


def test_an_app_is_refused_that_cannot_run(control_plane: ControlPlane) -> None:
    domain_id = make(control_plane, "Domain", DOMAIN).physical_id
    app = {"DomainId": domain_id, "UserProfileName": "ana", "AppType": "JupyterServer", "AppName": "default"}
    with pytest.raises(ApiError, match="Apps of type 'JupyterServer' cannot run"):
        make(control_plane, "App", app)


def test_an_image_its_versions_and_its_configurations_are_made_changed_and_removed(control_plane: ControlPlane) -> None:
    old = {"ImageName": "Tools", "ImageRoleArn": ROLE, "ImageDescription": "Of the team"}
    image = make(control_plane, "Image", old)
    assert (image.physical_id, image.attributes) == (f"{PREFIX}:image/tools", {"ImageArn": f"{PREFIX}:image/tools"})
    new = {"ImageName": "Tools", "ImageRoleArn": ROLE, "ImageDisplayName": "Our tools"}
    assert change(control_plane, "Image", image, old, new) == image
    described = control_plane.client.describe_image(ImageName="tools")
    assert (described["DisplayName"], described.get("Description")) == ("Our tools", None)

    first = {"ImageName": "Tools", "BaseImage": BASE, "Aliases": ["one"]}
    version = make(control_plane, "ImageVersion", first)
    assert version.physical_id == f"{PREFIX}:image-version/tools/1"
    assert (version.attributes["Version"], version.attributes["ContainerImage"]) == ("1", BASE)
    second = {**first, "Aliases": ["two"]}
    assert change(control_plane, "ImageVersion", version, first, second) == version
    assert control_plane.client.list_aliases(ImageName="tools")["SageMakerImageVersionAliases"] == ["two"]
    other = change(control_plane, "ImageVersion", version, second, {**first, "BaseImage": f"{BASE}1"})
    assert other.physical_id == f"{PREFIX}:image-version/tools/2"

    config = make(control_plane, "AppImageConfig", {"AppImageConfigName": "config"})
    assert config.physical_id == "config"
    script = {"StudioLifecycleConfigContent": SCRIPT, "StudioLifecycleConfigAppType": "JupyterLab"}
    lifecycle = make(control_plane, "StudioLifecycleConfig", {"StudioLifecycleConfigName": "start", **script})
    assert lifecycle.physical_id == "start"
    for noun, made in (
        ("ImageVersion", other),
        ("ImageVersion", version),
        ("Image", image),
        ("AppImageConfig", config),
        ("StudioLifecycleConfig", lifecycle),
    ):
        remove(control_plane, noun, made.physical_id)
    assert control_plane.client.list_images()["Images"] == []
