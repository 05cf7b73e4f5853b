"""Processing jobs: their requests and records."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import ApiError, NotDone, validation_error
from sagecraft_emulator.jobs.kind import JobKind
from sagecraft_emulator.surroundings.images import ImageWords
from sagecraft_emulator.surroundings.surroundings import Surroundings

DEFAULT_MAX_RUNTIME_SECONDS: Final = 86_400
LOCAL_PATH: Final = PurePosixPath("/opt/ml/processing")
WORDS: Final = ImageWords(
    other_region="Invalid region {image.region} in image URI {uri}. Please provide an image URI in region {region}."
)
"""Source: https://github.com/aws/amazon-sagemaker-examples/issues/2422. What cannot be pulled fails the job."""


class ProcessingJobKind(JobKind):
    """`CreateProcessingJob` and its siblings."""

    kind, arn_type, spoken = "ProcessingJob", "processing-job", "processing job"
    plural, list_member = "ProcessingJobs", "ProcessingJobSummaries"
    sort_order = "Ascending"

    def problems(self, caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:  # noqa: ARG002 - the same for all
        """Everything that is wrong with a request, and that the service model does not see; one sentence each."""
        cluster = request["ProcessingResources"]["ClusterConfig"]
        if "InstancePreferences" in cluster:
            yield NotDone("ClusterConfig.InstancePreferences is not supported by this emulator; use InstanceType.")
        elif "InstanceType" not in cluster or "InstanceCount" not in cluster:
            yield "ClusterConfig must give InstanceType and InstanceCount."
        inputs = request.get("ProcessingInputs", [])
        outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
        yield from _repeated("ProcessingInputs", "InputName", inputs)
        yield from _repeated("Outputs", "OutputName", outputs)
        for each in inputs:
            yield from _input_problems(each)
        for each in outputs:
            yield from _output_problems(each)
        paths = Counter(path for each in inputs if (path := each.get("S3Input", {}).get("LocalPath")) is not None)
        for path, times in paths.items():
            if times > 1:
                yield f"{times} ProcessingInputs have the LocalPath '{path}'; give each a path of its own."

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the name
        """AWS's answer to a name that there is not."""
        return validation_error(f"Could not find requested job with name: {name}")

    def look(self, surroundings: Surroundings, caller: Caller, request: Mapping[str, Any]) -> None:
        """Refuses an image of another region, and objects in buckets of another one."""
        surroundings.images.require(caller, request["AppSpecification"]["ImageUri"], request["RoleArn"], WORDS)
        outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
        for each in [*request.get("ProcessingInputs", []), *outputs]:
            members = each.get("S3Input", each.get("S3Output"))
            if members is not None:
                surroundings.objects.require_region(caller, members["S3Uri"])

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new job's record besides, or in place of, those of its request."""
        condition = request.get("StoppingCondition", {"MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME_SECONDS})
        return {"StoppingCondition": condition}


def _input_problems(each: Mapping[str, Any]) -> Iterator[str]:
    name = each["InputName"]
    if "DatasetDefinition" in each:
        yield NotDone(
            f"ProcessingInput '{name}' has a DatasetDefinition; this emulator has neither Athena nor Redshift. "
            "Use an S3Input."
        )
    elif "S3Input" not in each:
        yield f"ProcessingInput '{name}' must have an S3Input."
    elif not each.get("AppManaged", False):
        yield from _path_problems(f"ProcessingInput '{name}'", each["S3Input"].get("LocalPath"))


def _output_problems(each: Mapping[str, Any]) -> Iterator[str]:
    name = each["OutputName"]
    if each.get("AppManaged", False):
        return
    if "FeatureStoreOutput" in each:
        yield NotDone(f"Output '{name}' has a FeatureStoreOutput; this emulator has no feature store. Use an S3Output.")
    elif "S3Output" not in each:
        yield f"Output '{name}' must have an S3Output."
    else:
        yield from _path_problems(f"Output '{name}'", each["S3Output"].get("LocalPath"))


def _path_problems(what: str, path: str | None) -> Iterator[str]:
    if path is None:
        yield f"{what} must have a LocalPath, such as {LOCAL_PATH}/data."
    elif not PurePosixPath(path).is_relative_to(LOCAL_PATH) or ".." in PurePosixPath(path).parts:
        yield f"The LocalPath of {what} is '{path}'; it must begin with {LOCAL_PATH}/."


def _repeated(member: str, name: str, items: list[dict[str, Any]]) -> Iterator[str]:
    repeated = [each for each, times in Counter(item[name] for item in items).items() if times > 1]
    if repeated:
        yield f"{name}s of {member} must be unique; given more than once: {', '.join(sorted(repeated))}."
