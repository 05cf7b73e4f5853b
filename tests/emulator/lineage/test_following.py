"""The lineage that comes of work by itself."""

from typing import Any

from tests.emulator.control_plane import IMAGE, ControlPlane
from tests.emulator.experiments.test_following import train

MODEL = "s3://bucket/out/model.tar.gz"


def test_rows_lead_to_the_endpoint_through_job_package_and_deployment(control_plane: ControlPlane) -> None:
    debug, checkpoints = {"S3OutputPath": "s3://bucket/debug"}, {"S3Uri": "s3://bucket/checkpoints"}
    train(control_plane, DebugHookConfig=debug, CheckpointConfig=checkpoints)
    job = control_plane.record("TrainingJob", "Train-1")
    ended = {"SecondaryStatus": "Completed", "ModelArtifacts": {"S3ModelArtifacts": MODEL}}
    control_plane.store.update(job.key, status="Completed", body=ended)
    control_plane.call("CreateModelPackageGroup", ModelPackageGroupName="group")
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": MODEL}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    package = control_plane.call(
        "CreateModelPackage", ModelPackageGroupName="group", InferenceSpecification=specification
    )["ModelPackageArn"]
    container = {"Image": IMAGE, "ModelDataUrl": MODEL}
    control_plane.call("CreateModel", ModelName="model", PrimaryContainer=container)
    control_plane.make_config("config", "model")
    endpoint = control_plane.call("CreateEndpoint", EndpointName="live", EndpointConfigName="config")["EndpointArn"]

    def artifact(uri: str) -> dict[str, Any]:
        [found] = control_plane.call("ListArtifacts", SourceUri=uri)["ArtifactSummaries"]
        return dict(found)

    rows, model = artifact("s3://bucket/train"), artifact(MODEL)
    assert (rows["ArtifactType"], model["ArtifactType"]) == ("DataSet", "Model")
    assert artifact(IMAGE)["ArtifactType"] == "Image"
    [component] = control_plane.call("ListTrialComponents")["TrialComponentSummaries"]
    [context] = control_plane.call("ListContexts", SourceUri=endpoint)["ContextSummaries"]

    def reached(start: str, direction: str) -> dict[str, str]:
        answer = control_plane.call("QueryLineage", StartArns=[start], Direction=direction)
        return {each["Arn"]: each["Type"] for each in answer["Vertices"]}

    below = reached(rows["ArtifactArn"], "Descendants")
    assert below[component["TrialComponentArn"]] == "TrainingJob"
    assert below[artifact(package)["ArtifactArn"]] == "Model"
    assert set(below.values()) == {"TrainingJob", "Model", "Checkpoint", "ModelGroup", "ModelDeployment", "Endpoint"}
    assert control_plane.call("ListArtifacts", SourceUri="s3://bucket/debug")["ArtifactSummaries"] == []
    above = reached(context["ContextArn"], "Ascendants")
    assert rows["ArtifactArn"] in above
    assert artifact(IMAGE)["ArtifactArn"] in above
    assert artifact(package)["ArtifactArn"] not in above  # the endpoint's model was not made of it

    train(control_plane, "Train-2")  # reads the same rows, which are there once
    assert artifact("s3://bucket/train") == rows
