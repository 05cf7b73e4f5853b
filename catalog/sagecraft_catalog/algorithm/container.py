"""AWS's algorithm containers: their images, hyperparameters and metrics.

Sources: the image tables of the SageMaker Python SDK, AWS's XGBoost container and the SageMaker developer guide; each
data file names the version that it was taken from.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Literal

from sagecraft_catalog.errors import (
    InvalidHyperparameters,
    UnknownAlgorithm,
    UnknownInstanceType,
    UnknownRegion,
    UnknownVersion,
)
from sagecraft_catalog.instance_type import instance_size
from sagecraft_catalog.near_match import did_you_mean, enumerate_names
from sagecraft_catalog.package_data import load, names_in
from sagecraft_catalog.region import dns_suffix

from .demands import instance_problems, wait_problems
from .hyperparameter import Hyperparameter, HyperparameterValue
from .rules import RULES
from .tuning import ObjectiveMetric, TunableHyperparameter, metric_problems, predictor_problems, range_problems

ImageScope = Literal["training", "inference"]


@dataclass(frozen=True)
class MetricDefinition:
    """A metric and the regular expression whose first group is its value in a line of the job's log."""

    name: str
    regex: str


@dataclass(frozen=True)
class Algorithm:
    """One of AWS's algorithm containers.

    Attributes:
        name: The catalog's, which is that of its image in AWS's lists: `xgboost`, `kmeans`, `sklearn`.
    """

    name: str

    @property
    def description(self) -> str:
        """What it does, in a few words."""
        return str(self._data.get("description", ""))

    @property
    def versions(self) -> tuple[str, ...]:
        """Every version that can train, the oldest first; none where it is a script in another image."""
        return self._versions("training")

    @property
    def script(self) -> str | None:
        """What the key of its script of JumpStart's begins with, below those of all scripts; None where it is none."""
        script: str | None = self._data["images"].get("script")
        return script

    def repository(self, version: str) -> str:
        """The ECR repository of a version.

        Raises:
            UnknownVersion: There is no such version.
        """
        return str(self._image(version, "training")["repository"])

    def image_accounts(self, version: str, scope: ImageScope = "training") -> Mapping[str, str]:
        """The account that publishes a version, by region; for a mapping where the region is a token.

        Raises:
            UnknownVersion: There is no such version.
        """
        accounts: dict[str, str] = load("image_accounts")["accounts"][self._image(version, scope)["accounts"]]
        return MappingProxyType(accounts)

    def image_tag(self, version: str, scope: ImageScope = "training") -> str:
        """The tag that a version's image has in its repository.

        Raises:
            UnknownVersion: There is no such version.
        """
        suffix = self._image(version, scope)["tag_suffix"]
        return f"{version}-{suffix}" if suffix else version

    def version_of_tag(self, tag: str) -> str | None:
        """The version whose image has a tag, with whatever AWS adds to it (`1.7-1-ubuntu20`); None where none has."""
        fitting = [version for version in self.versions if f"{tag}-".startswith(f"{version}-")]
        return max(fitting, key=len, default=None)

    def image_uri(
        self, version: str, region: str, scope: ImageScope = "training", instance_type: str | None = None
    ) -> str:
        """The URI of AWS's image.

        Args:
            version: One of `versions`.
            region: Where the job or endpoint runs.
            scope: `training` or `inference`.
            instance_type: What it runs on; where given, an image without GPU support is refused on a GPU instance.

        Raises:
            UnknownVersion: There is no such version, or it does not mean what it seems to (XGBoost's `latest`).
            UnknownRegion: AWS publishes no image there.
            UnknownInstanceType: The image cannot use the GPUs of the instance type.
        """
        image = self._image(version, scope)
        accounts = self.image_accounts(version, scope)
        if region not in accounts:
            raise UnknownRegion(
                f"AWS publishes no {self.name} {version} image in region '{region}'.{did_you_mean(region, accounts)} "
                f"It does in: {', '.join(sorted(accounts))}."
            )
        if instance_type is not None and "gpu" not in image["processors"] and instance_size(instance_type).gpus:
            raise UnknownInstanceType(
                f"The {self.name} {version} image has no GPU support, but '{instance_type}' is a GPU instance. "
                "Use an instance type without GPUs."
            )
        tag = self.image_tag(version, scope)
        return f"{accounts[region]}.dkr.ecr.{region}.{dns_suffix(region)}/{image['repository']}:{tag}"

    @cached_property
    def hyperparameters(self) -> Mapping[str, Hyperparameter]:
        """The algorithm's own hyperparameters by name; empty for a container that runs the user's script."""
        if not self._has_algorithm_mode:
            return MappingProxyType({})
        data = self._data["hyperparameters"]
        return MappingProxyType({name: Hyperparameter.from_data(name, rule) for name, rule in data.items()})

    @property
    def default_hyperparameters(self) -> Mapping[str, str]:
        """What the algorithm takes for hyperparameters that a job leaves out, where AWS tells it."""
        return MappingProxyType(
            {name: rule.default for name, rule in self.hyperparameters.items() if rule.default is not None}
        )

    def check_instances(self, *, instance_type: str, instance_count: int) -> list[tuple[str, str]]:
        """Finds every reason for which the algorithm cannot train on such instances.

        Args:
            instance_type: Such as `ml.m5.large`.
            instance_count: How many.

        Returns:
            The argument that is wrong, and a sentence.

        Raises:
            UnknownInstanceType: There is no such type.
        """
        demands: dict[str, Any] = self._data.get("instances", {})
        return list(instance_problems(self.name, demands, instance_type=instance_type, instance_count=instance_count))

    def check_wait(self, max_wait_seconds: float) -> list[str]:
        """Finds the reason for which a managed spot job of the algorithm may not wait so long; none for most.

        Args:
            max_wait_seconds: With the time for which the job runs.
        """
        return [] if self._data.get("checkpoints", True) else list(wait_problems(self.name, max_wait_seconds))

    def check_hyperparameters(
        self, hyperparameters: Mapping[str, object], *, unresolved: Collection[str] = (), version: str | None = None
    ) -> list[str]:
        """Finds every problem that would make the algorithm refuse the hyperparameters.

        Args:
            hyperparameters: Values as strings, or as Python values that become strings as SageMaker's clients do it.
            unresolved: Names that are given, but whose values are only known later (CDK tokens). They count as given,
                and are not looked at.
            version: Of the image, which may not have all hyperparameters; None where it is not known.

        Returns:
            One sentence per problem; none for a container that runs the user's script, which takes any.
        """
        return self._read(hyperparameters, frozenset(unresolved), version)[1]

    def parse_hyperparameters(
        self, hyperparameters: Mapping[str, str], version: str | None = None
    ) -> dict[str, HyperparameterValue]:
        """Reads the strings of a job into values; aliases (`learning_rate`) come out under the proper name (`eta`).

        Args:
            hyperparameters: By name.
            version: Of the image, which may not have all hyperparameters; None where it is not known.

        Raises:
            InvalidHyperparameters: With every problem.
        """
        values, problems = self._read(hyperparameters, frozenset(), version)
        if problems:
            raise InvalidHyperparameters(self.name, problems)
        return values

    @cached_property
    def metric_definitions(self) -> tuple[MetricDefinition, ...]:
        """What AWS reads from the log of the built-in algorithm, without being told by the request.

        A log in CloudWatch shows a tab as `#011`, and the expressions rely on that.
        """
        if not self._has_algorithm_mode:
            return ()
        metrics = self._data["metrics"]
        alike = tuple(
            MetricDefinition(f"{channel}:{name}", metrics["regex"].format(channel=channel, metric=name))
            for channel in metrics.get("channels", ())
            for name in metrics["names"]
        )
        return alike + tuple(MetricDefinition(name, regex) for name, regex in metrics.get("definitions", {}).items())

    @cached_property
    def objective_metrics(self) -> tuple[ObjectiveMetric, ...]:
        """The metrics that a tuning job may judge by; empty for a container that runs the user's script."""
        if not self._has_algorithm_mode:
            return ()
        directions: dict[str, str] | None = self._data["metrics"].get("objectives")
        if directions is not None:
            regexes = {each.name: each.regex for each in self.metric_definitions}
            return tuple(ObjectiveMetric(name, kind, regexes[name]) for name, kind in directions.items())
        minimize = self._data["metrics"]["minimize"]
        return tuple(
            ObjectiveMetric(
                each.name, "Minimize" if each.name.partition(":")[2] in minimize else "Maximize", each.regex
            )
            for each in self.metric_definitions
        )

    @cached_property
    def tunable_hyperparameters(self) -> Mapping[str, TunableHyperparameter]:
        """What a tuning job may search, by name; empty for a container that runs the user's script."""
        data = self._data["tunable"] if self._has_algorithm_mode else {}
        return MappingProxyType({name: TunableHyperparameter.from_data(name, each) for name, each in data.items()})

    def check_tuning(
        self,
        objective_metric_name: str,
        objective_type: str,
        ranges: Mapping[str, Sequence[Mapping[str, Any]]],
        predictor_type: str | None = None,
    ) -> list[str]:
        """Finds every problem for which the algorithm cannot be tuned so.

        Args:
            objective_metric_name: Such as `validation:auc`.
            objective_type: `Maximize` or `Minimize`.
            ranges: As the API's `ParameterRanges`: `{"IntegerParameterRanges": [{"Name": …, "MinValue": …, …}], …}`.
            predictor_type: The hyperparameter, which some algorithms have; None where it is not known.

        Returns:
            One sentence per problem; none for a container that runs the user's script, which reports what it likes.
        """
        if not self._has_algorithm_mode:
            return []
        return [
            *metric_problems(self.name, self.objective_metrics, objective_metric_name, objective_type),
            *predictor_problems(
                self._data["metrics"].get("by_predictor_type", {}), objective_metric_name, predictor_type
            ),
            *self.check_ranges(ranges),
        ]

    def check_ranges(self, ranges: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
        """Finds every hyperparameter that the algorithm cannot be tuned by, or not in such a range.

        Args:
            ranges: As `check_tuning` takes them.
        """
        if not self._has_algorithm_mode:
            return []
        aliases: dict[str, str] = self._data["aliases"]
        return list(range_problems(self.name, self.hyperparameters, self.tunable_hyperparameters, aliases, ranges))

    @property
    def content_types(self) -> tuple[str, ...]:
        """The `ContentType`s that a channel may have; empty for a container that runs the user's script."""
        return tuple(self._data["content_types"]["training"]) if self._has_algorithm_mode else ()

    @property
    def answer_types(self) -> tuple[str, ...]:
        """The media types that an endpoint of its answers in, the first where none is asked for; empty if not known."""
        return tuple(self._data.get("content_types", {}).get("answers", ()))

    @property
    def _data(self) -> dict[str, Any]:
        return load(f"algorithms/{self.name}")

    @property
    def _has_algorithm_mode(self) -> bool:
        return "hyperparameters" in self._data

    def _images(self, scope: ImageScope) -> list[dict[str, Any]]:
        images: list[dict[str, Any]] = self._data["images"][scope]
        return images

    def _versions(self, scope: ImageScope) -> tuple[str, ...]:
        return tuple(version for image in self._images(scope) for version in image["versions"])

    def _image(self, version: str, scope: ImageScope) -> dict[str, Any]:
        for image in self._images(scope):
            if version in image["versions"]:
                return image
        versions = self._versions(scope)
        if not versions:
            raise UnknownVersion(f"{self.name} has no image of its own: {self._data['images']['none']}.")
        refused = self._data["images"].get("refused", {})
        if version in refused:
            raise UnknownVersion(
                f"{self.name} version '{version}' is refused: {refused[version]}. Name the version that you want: the "
                f"newest is '{versions[-1]}'; there are {enumerate_names(versions, last='and')}."
            )
        raise UnknownVersion(
            f"{self.name} has no {scope} image of version '{version}'.{did_you_mean(version, versions)} "
            f"There are {enumerate_names(versions, last='and')}."
        )

    def _read(
        self, hyperparameters: Mapping[str, object], unresolved: frozenset[str], version: str | None
    ) -> tuple[dict[str, HyperparameterValue], list[str]]:
        if not self._has_algorithm_mode:
            return {}, []
        aliases: dict[str, str] = self._data["aliases"]
        values: dict[str, HyperparameterValue] = {}
        problems: list[str] = []
        given_as: dict[str, str] = {}
        for given, value in hyperparameters.items():
            name = aliases.get(given, given)
            if name in given_as:
                problems.append(f"{given}: the same as {given_as[name]}, which is given too; keep one of them.")
                continue
            given_as[name] = given
            rule = self.hyperparameters.get(name)
            if rule is None:
                problems.append(self._unknown(given, [*self.hyperparameters, *aliases]))
            elif version is not None and not self._has(rule, version):
                span = f"from {rule.since} on" if rule.until is None else f"up to {rule.until}"
                problems.append(f"{given}: not a hyperparameter of {self.name} {version}; it is one {span}.")
            elif given not in unresolved:
                try:
                    values[name] = rule.parse(_as_text(value))
                except ValueError as error:
                    problems.append(str(error))
        problems += [
            f"{name}: required, but not given."
            for name, rule in self.hyperparameters.items()
            if rule.required and name not in given_as
        ]
        rules = RULES.get(self.name)
        if rules is not None:
            problems += rules(values, frozenset(aliases.get(name, name) for name in unresolved))
        return values, problems

    def _has(self, rule: Hyperparameter, version: str) -> bool:
        """Whether the image of a version has a hyperparameter."""
        place = self.versions.index
        return (rule.since is None or place(rule.since) <= place(version)) and (
            rule.until is None or place(version) <= place(rule.until)
        )

    def _unknown(self, given: str, known: Collection[str]) -> str:
        hint = did_you_mean(given, known)
        return f"{given}: not a hyperparameter of {self.name}." + (
            hint or f" There are {', '.join(name for name in known if not name.startswith('_'))}."
        )


def algorithms() -> tuple[str, ...]:
    """The names of all algorithms and frameworks in the catalog."""
    return names_in("algorithms")


@cache
def algorithm(name: str) -> Algorithm:
    """One of AWS's algorithm containers by name.

    Raises:
        UnknownAlgorithm: With the near matches and all names.
    """
    names = algorithms()
    if name not in names:
        raise UnknownAlgorithm(
            f"There is no algorithm '{name}' in the catalog.{did_you_mean(name, names)} "
            f"There are {enumerate_names(names, last='and')}."
        )
    return Algorithm(name)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
