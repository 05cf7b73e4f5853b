"""Training jobs: their records, and what may be asked of them when."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.errors import validation_error
from sagecraft_emulator.jobs.kind import JobKind
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.state.store import Record
from sagecraft_emulator.surroundings.surroundings import Surroundings

from . import named
from . import request as training_request

# The rules of Debugger and Profiler are jobs in images of AWS's; describing them as run would be made up.
_RULES: Final = {
    "DebugRuleConfigurations": "DebugRuleEvaluationStatuses",
    "ProfilerRuleConfigurations": "ProfilerRuleEvaluationStatuses",
}
_RULE_DETAILS: Final = "This emulator does not evaluate rules."
_FLAGS: Final = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")


class TrainingJobKind(JobKind):
    """`CreateTrainingJob` and its siblings."""

    kind, arn_type, spoken = "TrainingJob", "training-job", "training job"
    plural, list_member = "TrainingJobs", "TrainingJobSummaries"
    filters = frozenset({"WarmPoolStatusEquals", "TrainingPlanArnEquals"})
    status_within_page = True
    searched_as = "TrainingJob"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateTrainingJob": self.update}

    def problems(self, caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:  # noqa: ARG002 - the same for all
        """Everything that is wrong with a request, and that the service model does not see; one sentence each."""
        return training_request.problems(request)

    def look(self, surroundings: Surroundings, caller: Caller, request: Mapping[str, Any]) -> None:
        """Refuses an image, input or output that AWS would."""
        named.look(surroundings, caller, request)

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new job's record besides, or in place of, those of its request."""
        now = time.time()
        return {
            "AlgorithmSpecification": {"EnableSageMakerMetricsTimeSeries": False, **request["AlgorithmSpecification"]},
            "OutputDataConfig": {"KmsKeyId": "", **request["OutputDataConfig"]},
            "StoppingCondition": {
                "MaxRuntimeInSeconds": training_request.DEFAULT_MAX_RUNTIME_SECONDS,
                **request.get("StoppingCondition", {}),
            },
            "ModelArtifacts": {"S3ModelArtifacts": ""},
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": [
                {"Status": "Starting", "StartTime": now, "StatusMessage": "Preparing the instances for training"}
            ],
            "ProfilingStatus": "Disabled",
            **{flag: request.get(flag, False) for flag in _FLAGS},
            **_rule_statuses(request),
        }

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes what is profiled, or how long instances are kept.

        Raises:
            ApiError: There is no job of that name, or what is to be changed cannot be at this time.
        """
        record = self.record(caller, request["TrainingJobName"])
        present, changes = record.body, dict[str, Any]()
        ended = record.status in ENDED
        for member in ("ProfilerConfig", "ProfilerRuleConfigurations", "RemoteDebugConfig"):
            if member in request and ended:
                raise validation_error(
                    f"The request was rejected because {member} cannot be changed when the training job is in status "
                    f"{record.status}."
                )
        if "ProfilerConfig" in request:
            changes["ProfilerConfig"] = {**present.get("ProfilerConfig", {}), **request["ProfilerConfig"]}
        if "ProfilerRuleConfigurations" in request:
            # As AWS has it: the new rules come to those of the job.
            rules = [*present.get("ProfilerRuleConfigurations", []), *request["ProfilerRuleConfigurations"]]
            changes |= {"ProfilerRuleConfigurations": rules, **_rule_statuses({"ProfilerRuleConfigurations": rules})}
        if "RemoteDebugConfig" in request:
            changes["RemoteDebugConfig"] = request["RemoteDebugConfig"]
        if "ResourceConfig" in request:
            if "KeepAlivePeriodInSeconds" not in present["ResourceConfig"] or ended:
                raise validation_error(
                    "The request was rejected because the training job has no warm pool whose "
                    "KeepAlivePeriodInSeconds could be changed."
                )
            changes["ResourceConfig"] = {**present["ResourceConfig"], **request["ResourceConfig"]}
        self.store.update(record.key, body=changes)
        return {"TrainingJobArn": record.arn}

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        view = super().view(record)
        if view.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds", 0) > 0:
            # Processes need no warm instances: nothing is kept when the job has ended.
            ended = record.status in ENDED
            kept = {"ResourceRetainedBillableTimeInSeconds": 0} if ended else {}
            view["WarmPoolStatus"] = {"Status": "Terminated" if ended else "InUse", **kept}
        return view

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a training job passes the filters of a List request."""
        warm_pool, plan = request.get("WarmPoolStatusEquals"), request.get("TrainingPlanArnEquals")
        return (
            super().passes(record, request)
            and (warm_pool is None or self.view(record).get("WarmPoolStatus", {}).get("Status") == warm_pool)
            and (plan is None or record.body.get("ResourceConfig", {}).get("TrainingPlanArn") == plan)
        )


def _rule_statuses(request: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    return {
        statuses: [
            {
                "RuleConfigurationName": rule["RuleConfigurationName"],
                "RuleEvaluationStatus": "Stopped",
                "StatusDetails": _RULE_DETAILS,
                "LastModifiedTime": time.time(),
            }
            for rule in request[rules]
        ]
        for rules, statuses in _RULES.items()
        if rules in request
    }
