"""`sagecraft graph`: what the picture of an environment shows, and that nothing in it lies over something else."""

from __future__ import annotations

import itertools
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, CfnOutput, Fn, NestedStack, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    InstanceType,
    JobRealization,
    Model,
    NotebookInstance,
    ProductionVariant,
    TrainingInput,
    TrainingJob,
)
from sagecraft_infra.errors import UserError
from sagecraft_infra.graph.environment import Arrow, Group, Node, environment_graph
from sagecraft_infra.graph.references import read_resources
from sagecraft_infra.noun.look import Kind
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.project.assembly import Assembly

from tests.infra.conftest import MakeProject

if TYPE_CHECKING:
    from sagecraft_infra.graph.layout import Layout

XGBOOST = AlgorithmImage(name="xgboost", version="1.7-1")
Drawn = tuple[list[Group], list[Arrow]]


def training(stack: Stack, name: str, source: s3.IBucket, results: s3.IBucket, **options: object) -> TrainingJob:
    return TrainingJob(
        stack,
        name,
        container=XGBOOST,
        inputs={"train": TrainingInput(bucket=source, prefix="train/", content_type="text/csv")},
        output_bucket=results,
        hyperparameters={"num_round": 3},
        **options,  # type: ignore[arg-type]  # the options of a training job
    )


def churn(app: App, *, segments: int, endpoints: int, notebooks: int) -> None:
    """An environment of five stacks that refer to each other, and to a bucket outside of the app."""
    data, train, serve = (Stack(app, f"Churn{name}") for name in ("Data", "Training", "Serving"))
    topic = sns.Topic(Stack(app, "ChurnAlarms"), "Oncall")
    raw, results = DataBucket(data, "Raw"), DataBucket(data, "Results")
    lake = s3.Bucket.from_bucket_name(data, "Lake", "company-lake")
    jobs = [training(train, f"Segment{at}", raw if at else lake, results) for at in range(segments)]
    models = [Model(serve, f"Model{at}", container=XGBOOST, model_data=job.model_data) for at, job in enumerate(jobs)]
    for at in range(endpoints):
        served = models[: at + 1]
        variants = [ProductionVariant(model=model, name=f"V{number}") for number, model in enumerate(served)]
        config = EndpointConfig(serve, f"Config{at}", production_variants=variants)
        endpoint = Endpoint(serve, f"Endpoint{at}", endpoint_config=config)
        alarm = cloudwatch.Alarm(
            topic.stack,
            f"Latency{at}",
            metric=endpoint.metric_model_latency(variant="V0"),
            threshold=1e5,
            evaluation_periods=1,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
    notebook_stack = Stack(app, "ChurnNotebooks")
    vpc = ec2.Vpc(notebook_stack, "Vpc", max_azs=1) if notebooks > 1 else None
    for at in range(notebooks):
        NotebookInstance(notebook_stack, f"Notebook{at}", vpc=vpc).allow_read(raw)


def drawn_of(app: App) -> Drawn:
    return environment_graph(read_resources(Assembly.read(Path(app.synth().directory))), NOUNS.looks)


def new_app() -> App:
    # The CDK CLI asks for the paths of constructs and assets in the templates; here nobody does.
    return App(context={"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True})


def named(drawn: Drawn) -> set[tuple[str, str, str]]:
    """The arrows by the names of what they connect."""
    names = {node.id: node.name for group in drawn[0] for node in group.nodes}
    heads = {(False, False): "->", (True, False): "<->", (False, True): "-->", (True, True): "<-->"}
    return {(names[arrow.source], heads[arrow.both, arrow.permission], names[arrow.target]) for arrow in drawn[1]}


def nodes_of(drawn: Drawn) -> dict[str, Node]:
    return {node.id: node for group in drawn[0] for node in group.nodes}


@pytest.fixture(scope="module")
def small() -> Drawn:
    app = new_app()
    churn(app, segments=2, endpoints=1, notebooks=1)
    return drawn_of(app)


@pytest.fixture(scope="module")
def large() -> Drawn:
    app = new_app()
    churn(app, segments=6, endpoints=4, notebooks=2)
    return drawn_of(app)


def test_arrows_lead_from_data_to_alarms_through_the_stacks(small: Drawn) -> None:
    assert named(small) == {
        ("company-lake", "->", "Segment0"),
        ("Raw", "->", "Segment1"),
        ("Segment0", "->", "Results"),
        ("Segment1", "->", "Results"),
        ("Segment0/Role", "->", "Segment0"),
        ("Segment1/Role", "->", "Segment1"),
        ("Segment0", "->", "Model0"),
        ("Segment1", "->", "Model1"),
        ("Model0/Role", "->", "Model0"),
        ("Model1/Role", "->", "Model1"),
        ("Model0", "->", "Config0"),
        ("Config0", "->", "Endpoint0"),
        ("Endpoint0", "->", "Latency0"),
        ("Latency0", "->", "Oncall"),
        ("Notebook0/Key", "->", "Notebook0"),
        ("Notebook0/LifecycleConfig", "->", "Notebook0"),
        ("Notebook0/Role", "->", "Notebook0"),
        # A policy alone says that it may.
        ("Raw", "-->", "Notebook0"),
    }


def test_what_only_serves_is_folded_into_what_it_serves(small: Drawn) -> None:
    nodes = {node.name: node for node in nodes_of(small).values()}
    shown = {node.type for node in nodes.values()}
    assert not shown & {"AWS::IAM::Policy", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::S3::BucketPolicy"}
    raw, job = nodes["Raw"].folded, nodes["Segment0"].folded
    assert "AWS::S3::Bucket Raw/AccessLogs" in raw
    assert "AWS::S3::BucketPolicy Raw/Policy" in raw
    assert "AWS::StepFunctions::StateMachine SagecraftJobs/Provider/waiter-state-machine" in job
    assert "AWS::IAM::Policy Segment0/Role/DefaultPolicy" in nodes["Segment0/Role"].folded


def test_each_stack_is_a_group_and_what_stands_outside_is_one_too(small: Drawn) -> None:
    groups = {group.name: [node.noun for node in group.nodes] for group in small[0]}
    assert groups["Outside of the app"] == ["Bucket"]
    assert groups["ChurnData"] == ["Bucket", "Bucket"]
    assert sorted(groups["ChurnAlarms"]) == ["Alarm", "Topic"]
    assert "Training job" in groups["ChurnTraining"]
    (job, *_) = [node for node in nodes_of(small).values() if node.kind is Kind.JOB]
    assert job.detail == "ml.m5.large"


def test_a_job_by_hand_and_one_that_reads_what_it_writes_to(tmp_path: Path) -> None:
    app = new_app()
    stack = Stack(app, "Own")
    bucket = DataBucket(stack, "Bucket")
    (tmp_path / "rows.csv").write_text("1,2\n")
    dataset = Dataset(stack, "Rows", bucket=bucket, path=tmp_path / "rows.csv")
    TrainingJob(
        stack,
        "Job",
        container=XGBOOST,
        inputs={"train": dataset.channel("", content_type="text/csv")},
        output_bucket=bucket,
        hyperparameters={"num_round": 3},
        instance_type=InstanceType.of("ml.c5.xlarge"),
        instance_count=2,
        realization=JobRealization.BY_HAND,
    )
    drawn = drawn_of(app)
    assert named(drawn) == {("Rows", "->", "Bucket"), ("Bucket", "<->", "Job"), ("Job/Role", "->", "Job")}
    (job,) = (node for node in nodes_of(drawn).values() if node.kind is Kind.JOB)
    assert (job.noun, job.detail) == ("Training job, by hand", "2 \N{MULTIPLICATION SIGN} ml.c5.xlarge")


def test_references_are_followed_into_and_out_of_nested_stacks() -> None:
    app = new_app()
    stack = Stack(app, "Whole")
    raw = DataBucket(stack, "Raw")
    part = NestedStack(stack, "Part")
    job = training(part, "Job", raw, DataBucket(stack, "Results"))
    Model(stack, "Model", container=XGBOOST, model_data=job.model_data)
    drawn = drawn_of(app)
    assert {group.name for group in drawn[0]} == {"Whole", "Whole/Part"}
    assert {("Raw", "->", "Job"), ("Job", "->", "Results"), ("Job", "->", "Model")} <= named(drawn)


def test_a_value_that_is_imported_by_its_export_name_leads_to_its_stack() -> None:
    app = new_app()
    first, second = Stack(app, "First"), Stack(app, "Second")
    CfnOutput(first, "Out", value=s3.Bucket(first, "Raw").bucket_name, export_name="raw-bucket")
    source = s3.Bucket.from_bucket_name(second, "Imported", Fn.import_value("raw-bucket"))
    training(second, "Job", source, DataBucket(second, "Results"))
    assert ("Raw", "->", "Job") in named(drawn_of(app))


def placed(drawn: Drawn) -> Layout:
    from sagecraft_infra.graph.layout import place

    return place(*drawn, {id_: 90.0 + 7 * len(node.name) for id_, node in nodes_of(drawn).items()})


@pytest.mark.parametrize("size", ["small", "large"])
def test_nothing_lies_over_anything_and_no_line_crosses_a_node(size: str, request: pytest.FixtureRequest) -> None:
    from sagecraft_infra.graph.layout import COLUMN_GAP, Box

    drawn: Drawn = request.getfixturevalue(size)
    layout = placed(drawn)
    assert len(layout.nodes) >= {"small": 18, "large": 40}[size]
    for boxes in (layout.nodes.values(), layout.groups.values()):
        assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    for group in drawn[0]:
        around = layout.groups[group.name]
        for node in group.nodes:
            box = layout.nodes[node.id]
            assert around.x < box.x < box.right < around.right
            assert around.y < box.y < box.bottom < around.bottom
    for line in layout.lines:
        for number, ((left, above), (right, below)) in enumerate(itertools.pairwise(line.points)):
            if number % 2:  # level, across a column
                assert above == below
                way = Box(left, above, right - left, 0.1)
                assert not [id_ for id_, box in layout.nodes.items() if box.overlaps(way)]
            else:  # turns, in the gap between two columns
                assert right - left >= COLUMN_GAP - 0.1
                gap = Box(left + 0.1, 0, COLUMN_GAP - 0.2, layout.height)
                assert not [id_ for id_, box in layout.nodes.items() if box.overlaps(gap)]


def test_arrows_lead_from_left_to_right(large: Drawn) -> None:
    layout = placed(large)
    assert not [line for line in layout.lines if line.reversed]
    for line in layout.lines:
        assert layout.nodes[line.arrow.source].right < layout.nodes[line.arrow.target].x


def test_texts_of_the_svg_stay_texts_and_do_not_overlap(large: Drawn, tmp_path: Path) -> None:
    from sagecraft_infra.graph.picture import draw, save

    figure = draw("churn", *large)
    file = tmp_path / "churn.svg"
    save(figure, file, nodes_of(large))
    root = ET.parse(file).getroot()
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"churn", "ChurnServing", "Notebook1/LifecycleConfig", "Endpoint configuration", "company-lake"} <= {*texts}
    titles = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len([each for each in titles if each.startswith("Training job")]) == 6
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    overlapping = [
        (one.get_text(), other.get_text())
        for (one, box), (other, beside) in itertools.combinations(zip(axes.texts, boxes, strict=True), 2)
        if box.overlaps(beside)
    ]
    assert not overlapping
    again = tmp_path / "again.svg"
    save(draw("churn", *large), again, nodes_of(large))
    assert again.read_bytes() == file.read_bytes()


def test_a_picture_can_be_a_png(small: Drawn, tmp_path: Path) -> None:
    from sagecraft_infra.graph.picture import draw, save

    save(draw("churn", *small), tmp_path / "churn.PNG", nodes_of(small))
    assert (tmp_path / "churn.PNG").read_bytes().startswith(b"\x89PNG\r\n")


def test_another_format_or_place_is_refused(small: Drawn, tmp_path: Path) -> None:
    from sagecraft_infra.graph.picture import draw, save

    with pytest.raises(UserError, match=r"^--output: 'churn.pdf' must end in \.png or \.svg\.$"):
        save(draw("churn", *small), Path("churn.pdf"), nodes_of(small))
    with pytest.raises(UserError, match=r"cannot be written: No such file or directory\. Give another file"):
        save(draw("churn", *small), tmp_path / "no" / "churn.svg", nodes_of(small))


def test_the_command_draws_an_app_and_refuses_an_unknown_format(make_project: MakeProject) -> None:
    project = make_project("topic")
    refused = project.run("graph", "--output", "picture.pdf")
    assert (refused.returncode, refused.stderr) == (2, "Error: --output: 'picture.pdf' must end in .png or .svg.\n")
    done = project.run("graph")
    assert (done.returncode, done.stdout) == (0, "environment.svg\n"), done.stderr
    assert ">Topic</text>" in (project.directory / "environment.svg").read_text()
    assert json.loads((project.directory / "cdk.out" / "manifest.json").read_text())
