"""One AutoML job on its way: it has its data analyzed, candidates trained, the best explained, and ends."""

import hashlib
import json
import logging
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from botocore.exceptions import ClientError

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.data.storage import StorageError, encryption, locate
from sagecraft_emulator.errors import ApiError, JobFailed, RecordMissing
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.jobs.work import EMULATOR_ENDED
from sagecraft_emulator.noun.means import Call
from sagecraft_emulator.state.store import Record, RecordKey, Store
from sagecraft_emulator.tuning.trial import best as best_trial
from sagecraft_emulator.tuning.trial import read_trials

from . import candidate as candidates
from . import steps
from .candidate import Objective
from .parts import CANDIDATES, PARTS, RESOLVED, STEP, is_part, waited_seconds, was_made
from .places import Places
from .request import TABULAR, is_forecast, problem_of

logger = logging.getLogger(__name__)

_LARGEST_JSON: Final = 4 << 20
_DEFAULT_SECONDS: Final = 30 * 24 * 3600.0
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-quotas.html"""
_TYPES: Final = ("numeric", "categorical", "text", "datetime")
"""What the columns of a file of columns may be."""
_SECONDARY: Final = {
    "analysis": "AnalyzingData",
    "training": "ModelTuning",
    "report": "GeneratingExplainabilityReport",
    "endpoint": "DeployingModel",
}


class AutoMLJob:
    """An AutoML job that runs. It is not safe for several threads; its conductor has one for all.

    Args:
        store: Where records are.
        call: Does operations of the service.
        key: The job.
        machine: Knows the host that keeps objects.
    """

    def __init__(self, store: Store, call: Call, key: RecordKey, machine: Machine) -> None:
        self._store, self._call, self._key = store, call, key
        self._caller = Caller(key.account, key.region)
        self._record = store.get(key)
        self._places = Places.of(key.name, self._record.body)
        self._s3 = machine.clients.s3(key.account, key.region)
        self._late = False
        self._waiting: RecordKey | None = None

    @property
    def deadline(self) -> float | None:
        """Epoch seconds at which its time is over; None once it is. Waiting for cores takes nothing of it."""
        if self._late:
            return None
        parts = [part for step in self._record.body.get(PARTS, ()) if (part := self._part(step)) is not None]
        return self._record.created + self._seconds + sum(map(waited_seconds, parts))

    @property
    def is_over(self) -> bool:
        """Whether its record has ended."""
        return self._record.status in ENDED

    def owns(self, key: RecordKey) -> bool:
        """Whether it waits for a record to end."""
        return key == self._waiting

    def begin(self) -> None:
        """Begins, or goes on where an earlier emulator ended."""
        step = self._record.body.get(STEP, "analysis")
        part = self._part(step)
        if part is None or part.body.get("FailureReason") == EMULATOR_ENDED:
            if self._is_stopping:
                self._end()
            else:
                self._launch(step)
        elif is_part(part):
            self.part_ended(part)
        else:
            self._waiting = part.key
            if self._is_stopping:
                self._stop_part()

    def stop(self) -> None:
        """Ends the work; the best candidate so far is kept."""
        self._record = self._store.get(self._key)
        self._stop_part()

    def pass_deadline(self) -> None:
        """Ends the work, because its MaxAutoMLJobRuntimeInSeconds have passed; the best candidate so far is kept."""
        self._late = True
        self._stop_part()

    def part_ended(self, record: Record) -> None:
        """Goes on with what came of a part."""
        self._waiting = None
        self._record = self._store.get(self._key)
        match self._record.body.get(STEP, "analysis"):
            case "analysis":
                self._analyzed(record)
            case "training":
                self._trained(record)
            case "report":
                self._reported(record)
            case "endpoint":
                self._deployed(record)

    def _analyzed(self, record: Record) -> None:
        if record.status != "Completed":
            if self._is_ending:
                self._end()
                return
            raise JobFailed(_reason_of(record))
        analysis = self._read(f"{self._places.analysis}/analysis.json")
        resolved = {
            "AutoMLJobObjective": {"MetricName": analysis["objective"]},
            "ProblemType": analysis["problem"],
        }
        self._set(**{RESOLVED: resolved})
        if not is_forecast(self._record.body):
            self._set(AutoMLJobArtifacts=self._places.artifacts)
        if self._config.get("GenerateCandidateDefinitionsOnly"):
            self._end("CandidateDefinitionsGenerated")
        elif self._is_ending:
            self._end()
        else:
            self._launch("training")

    def _trained(self, record: Record) -> None:
        training = record
        if record.key.kind == "HyperParameterTuningJob":
            best = best_trial(read_trials(self._store, record))
            training = record if best is None else best.record
        artefacts = training.body.get("ModelArtifacts", {}).get("S3ModelArtifacts")
        if not artefacts:  # it was stopped before it had any
            if self._is_ending:
                self._end()
                return
            raise JobFailed(_reason_of(record))
        name = training.key.name if training is not record else f"{self._key.name}-ensemble"
        made = candidates.measured(name, training, self._objective)
        best_candidate = candidates.served(made, artefacts, self._key.region, self._objective)
        self._set(BestCandidate=best_candidate, **{CANDIDATES: [best_candidate]})
        if self._is_ending:
            self._end()
        else:
            self._launch("report")

    def _reported(self, record: Record) -> None:
        best = self._record.body["BestCandidate"]
        if record.status == "Completed":
            best = candidates.explained(best, self._places, forecasts=is_forecast(self._record.body))
            if "ExitMessage" in record.body:
                self._tell_failure(record.body["ExitMessage"])
        elif not self._is_ending:
            reason = record.body.get("FailureReason", "was stopped")
            self._tell_failure(f"The reports of {best['CandidateName']} could not be made: {reason}")
        found = [best]
        if record.status == "Completed" and self._mode == "ENSEMBLING":
            found += self._board(best)
        self._set(BestCandidate=best, **{CANDIDATES: found})
        if self._is_ending or "ModelDeployConfig" not in self._record.body:
            self._end()
        else:
            self._launch("endpoint")

    def _board(self, best: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The candidates of an ensemble, as its leaderboard has them."""
        training = self._part("training")
        if training is None:
            return []
        board = self._read(f"{self._places.leaderboard}/leaderboard.json")["candidates"]
        rows = [row for row in board if row["name"] != "ensemble"]
        return [
            candidates.of_row(f"{self._key.name}-{row['name']}", row, training, self._objective)
            for row in rows
            if f"{self._key.name}-{row['name']}" != best["CandidateName"]
        ]

    def _deployed(self, record: Record) -> None:
        name = record.key.name
        if record.status == "InService":
            self._set(ModelDeployResult={"EndpointName": name})
            self._end()
            return
        self._not_deployed(name, record.body.get("FailureReason", str(record.status)))

    def _not_deployed(self, endpoint: str, reason: str) -> None:
        """Ends the job without the endpoint that was asked for: the best candidate is there all the same."""
        self._tell_failure(f"The endpoint {endpoint} was not deployed: {reason}")
        self._end("ModelDeploymentError")

    def _tell_failure(self, message: str) -> None:
        """Tells of something that the job is completed without."""
        told = self._record.body.get("PartialFailureReasons", [])
        self._set(PartialFailureReasons=[*told, {"PartialFailureMessage": message[:1024]}])

    def _launch(self, step: str) -> None:
        attempt = self._record.body.get(PARTS, {}).get(step, {}).get("Attempt", 0) + 1
        digest = hashlib.sha256(f"{self._record.arn}/{self._record.created}/{step}/{attempt}".encode()).hexdigest()
        kind, name, requests = self._requests(step, digest)
        parts = {**self._record.body.get(PARTS, {}), step: {"Kind": kind, "Name": name, "Attempt": attempt}}
        self._set(AutoMLJobSecondaryStatus=_SECONDARY[step], **{STEP: step, PARTS: parts})
        self._waiting = self._key._replace(kind=kind, name=name)
        tags = [{"Key": key, "Value": value} for key, value in self._store.tags(self._record.arn).items()]
        own = {"AutoMLJobArn": self._record.arn}
        for operation, request in requests:
            if was_made(self._store, self._key, operation, request, own):
                continue
            try:
                self._call(operation, {**request, "Tags": tags}, self._caller, own)
            except ApiError as error:
                if step == "endpoint":
                    self._waiting = None
                    self._not_deployed(name, error.message)
                    return
                raise JobFailed(f"ClientError: {operation} was refused: {error.message}") from error

    def _requests(self, step: str, digest: str) -> tuple[str, str, list[tuple[str, dict[str, Any]]]]:
        """The kind and name of the part that a step waits for, and the requests that make it."""
        name, body, region = self._key.name, self._record.body, self._key.region
        match step:
            case "analysis":
                self._ask(int(digest[:8], 16))
                part = f"{name}-db-1-{digest[:20]}"
                request = steps.analysis(part, body, self._places, region)
                return "ProcessingJob", part, [("CreateProcessingJob", request)]
            case "training" if self._mode == "ENSEMBLING":
                part = f"{name}-trial-{digest[:20]}"
                seconds_left = (self.deadline or 0.0) - time.time()
                request = steps.ensemble(part, body, self._places, region, seconds_left)
                return "TrainingJob", part, [("CreateTrainingJob", request)]
            case "training":
                part = f"{name}-{digest[: max(1, 31 - len(name))]}"
                defined = self._read(f"{self._places.analysis}/candidates.json")
                objective = (self._objective.metric, self._objective.is_maximized)
                request = steps.tuning(part, body, self._places, region, defined, objective)
                return "HyperParameterTuningJob", part, [("CreateHyperParameterTuningJob", request)]
            case "report":
                best = body["BestCandidate"]
                part = f"{name}-pr-1-{digest[:20]}"
                artefacts = best["InferenceContainers"][0]["ModelDataUrl"]
                request = steps.report(part, body, self._places, region, best["CandidateName"], artefacts)
                return "ProcessingJob", part, [("CreateProcessingJob", request)]
            case _:
                begun = body.get(PARTS, {}).get(step, {}).get("Name", f"{name}-{digest[:20]}")
                wanted = body["ModelDeployConfig"].get("EndpointName", begun)
                return "Endpoint", wanted, steps.endpoint(wanted, body)

    def _ask(self, seed: int) -> None:
        """Leaves what the program is asked for where it reads it."""
        uri = f"{self._places.asked}/definition.json"
        place = locate(uri)
        asked = steps.asked(self._record.body, self._places, self._columns(), seed % 2**31)
        encrypted: dict[str, Any] = {**encryption(self._record.body["OutputDataConfig"].get("KmsKeyId"))}
        try:
            self._s3.put_object(Bucket=place.bucket, Key=place.key, Body=json.dumps(asked).encode(), **encrypted)
        except ClientError as error:
            raise JobFailed(f"ClientError: '{uri}' cannot be written: {error}") from error

    def _columns(self) -> dict[str, Any]:
        """The columns to learn from, and what they are, where a file says so.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TabularJobConfig.html
        """
        uri = self._config.get("FeatureSpecificationS3Uri")
        if uri is None:
            return {}
        told = self._read(uri)
        if not isinstance(told, dict):
            raise JobFailed(f"ClientError: FeatureSpecificationS3Uri '{uri}' is no JSON object.")
        names, types = told.get("FeatureAttributeNames"), told.get("FeatureDataTypes", {})
        if not isinstance(types, dict) or not set(types.values()) <= set(_TYPES):
            raise JobFailed(f"ClientError: FeatureDataTypes of '{uri}' must be of {', '.join(_TYPES)}.")
        if names is None and types:
            return {"types": types}
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise JobFailed(f"ClientError: FeatureAttributeNames of '{uri}' is no list of names.")
        if others := sorted(set(types) - set(names)):
            raise JobFailed(f"ClientError: FeatureDataTypes has '{others[0]}', which FeatureAttributeNames has not.")
        return {"features": names, **({"types": types} if types else {})}

    def _end(self, secondary: str | None = None) -> None:
        """Ends the record as what has been reached, and how it ended, say."""
        if self._record.status == "Stopping" or self._store.get(self._key).status == "Stopping":
            status, told = "Stopped", "Stopped"
        elif self._late and "BestCandidate" not in self._record.body:
            seconds = int(self._seconds)
            raise JobFailed(
                f"ClientError: No candidate was trained within MaxAutoMLJobRuntimeInSeconds, {seconds}; give the job "
                "more time, or fewer rows."
            )
        else:
            status, told = "Completed", secondary or self._reached
        JobRecord(self._store, self._key).end(status, AutoMLJobSecondaryStatus=told)
        self._record = self._store.get(self._key)

    @property
    def _reached(self) -> str:
        if self._late:
            return "MaxAutoMLJobRuntimeReached"
        most = self._config.get("CompletionCriteria", {}).get("MaxCandidates")
        training = self._part("training")
        if most is None or training is None or is_forecast(self._record.body):
            return "Completed"
        if training.key.kind == "HyperParameterTuningJob":
            tried = len(read_trials(self._store, training))
        else:
            tried = len(self._record.body[CANDIDATES]) - 1
        return "MaxCandidatesReached" if tried >= most else "Completed"

    def _stop_part(self) -> None:
        if self._waiting is None:
            self._end()
            return
        kind, name = self._waiting.kind, self._waiting.name
        if kind == "Endpoint":
            return  # a moment from now it is in service, or has failed
        with suppress(ApiError):  # it has ended meanwhile, or stops already
            self._call(f"Stop{kind}", {f"{kind}Name": name}, self._caller, {})

    def _part(self, step: str) -> Record | None:
        part = self._record.body.get(PARTS, {}).get(step)
        if part is None:
            return None
        with suppress(RecordMissing):
            return self._store.get(self._key._replace(kind=part["Kind"], name=part["Name"]))
        return None

    def _read(self, uri: str) -> Any:
        """A small JSON object of S3."""
        try:
            place = locate(uri)
            found = self._s3.get_object(Bucket=place.bucket, Key=place.key)
        except (StorageError, ClientError) as error:
            raise JobFailed(f"ClientError: '{uri}' cannot be read: {error}") from error
        if found["ContentLength"] > _LARGEST_JSON:
            raise JobFailed(f"ClientError: '{uri}' is larger than {_LARGEST_JSON >> 20} MiB.")
        try:
            return json.loads(found["Body"].read())
        except ValueError as error:
            raise JobFailed(f"ClientError: '{uri}' is no JSON: {error}") from error

    def _set(self, **body: Any) -> None:
        self._record = self._store.update(self._key, body=body)

    @property
    def _config(self) -> dict[str, Any]:
        return problem_of(self._record.body)[1]

    @property
    def _mode(self) -> str:
        """ENSEMBLING or HYPERPARAMETER_TUNING; text is learnt from by the former."""
        member, config = problem_of(self._record.body)
        if member != TABULAR:
            return "ENSEMBLING"
        mode: str = config.get("Mode", "AUTO")
        return "ENSEMBLING" if mode == "AUTO" else mode

    @property
    def _objective(self) -> Objective:
        return Objective.of(self._record.body)

    @property
    def _is_stopping(self) -> bool:
        return self._record.status == "Stopping"

    @property
    def _is_ending(self) -> bool:
        return self._late or self._store.get(self._key).status == "Stopping"

    @property
    def _seconds(self) -> float:
        criteria = self._config.get("CompletionCriteria", {})
        return float(criteria.get("MaxAutoMLJobRuntimeInSeconds", _DEFAULT_SECONDS))


def _reason_of(part: Record) -> str:
    """Why a job has failed whose part did not complete: what its program says of the data, without how it ended."""
    reason = part.body.get("FailureReason", f"{part.key.name} was stopped.")
    told = re.fullmatch(r"(?:AlgorithmError|ClientError): (?P<told>.*?)(?:, exit code: \d+)?", reason, re.DOTALL)
    return reason if told is None else f"ClientError: {told['told']}"
