"""What a picture shows of Studio."""

from aws_cdk import App, Stack
from sagecraft_constructs import (
    DataBucket,
    Space,
    StudioApp,
    StudioAppType,
    StudioDomain,
    StudioImage,
    StudioLifecycleConfig,
    TrainingContainer,
    UserProfile,
)
from sagecraft_infra.noun.look import Kind

from .test_graph import drawn_of, named, new_app, nodes_of


def studio(app: App) -> None:
    stack = Stack(app, "Team")
    image = StudioImage(
        stack, "Tools", container=TrainingContainer.from_image_uri("123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1")
    )
    setup = StudioLifecycleConfig(stack, "Setup", script="echo started")
    lab = StudioApp(lifecycle_configs=[setup], images=[image])
    domain = StudioDomain(stack, "Domain", apps={StudioAppType.JUPYTER_LAB: lab})
    domain.allow_read(DataBucket(stack, "Raw"))
    Space(stack, "Own", owner=UserProfile(stack, "Ann", domain=domain))


def test_a_domain_leads_to_those_who_work_in_it_and_what_empties_them_is_folded() -> None:
    app = new_app()
    studio(app)
    drawn = drawn_of(app)
    assert named(drawn) == {
        ("Domain/HomeNetwork/Vpc", "->", "Domain"),
        ("Domain/Key", "->", "Domain"),
        ("Domain/Role", "->", "Domain"),
        ("Setup", "->", "Domain"),
        ("Tools", "->", "Tools/Version"),
        ("Tools/Version", "->", "Domain"),
        ("Tools/Config", "->", "Domain"),
        ("Tools/Role", "->", "Tools"),
        ("Domain", "->", "Ann"),
        ("Domain", "->", "Own"),
        ("Raw", "-->", "Domain"),
    }
    nodes = {node.name: node for node in nodes_of(drawn).values()}
    assert {nodes[name].kind for name in ("Domain", "Ann", "Own", "Setup", "Tools")} == {Kind.NOTEBOOK}
    assert nodes["Ann"].noun == "User profile"
    emptied = {f"Custom::SageMakerStudioContents {holder}/Contents" for holder in ("Domain", "Ann", "Own")}
    assert emptied <= set(nodes["Domain"].folded)
