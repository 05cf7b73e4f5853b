"""The code of an endpoint, with its configuration and its models."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sagecraft_infra.code import references
from sagecraft_infra.code.members import Members
from sagecraft_infra.code.module import Module, call, list_of, literal, pascal
from sagecraft_infra.noun.importable import Existing

if TYPE_CHECKING:
    from sagecraft_infra.target import Target

_DEFAULT_INSTANCE_TYPE: Final = "ml.m5.large"
_NOT_IN_CLOUDFORMATION: Final = frozenset({"CoreDumpConfig", "AdditionalModelDataSources", "VariantProperties"})
_CAPTURE_OPTIONS: Final = [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]


def write(module: Module, target: "Target", region: str, existing: Existing) -> dict[str, dict[str, str]]:
    """Writes the code of an endpoint, its configuration and its models into a module.

    Returns:
        The identifiers of the resources, by the paths of their constructs.
    """
    client = target.sagemaker(region)
    described = client.describe_endpoint_config(EndpointConfigName=existing.description["EndpointConfigName"])
    config: dict[str, Any] = {**described}
    resources: dict[str, dict[str, str]] = {}
    models: dict[str, str] = {}
    roles: list[str] = []
    for variant in [*config.get("ProductionVariants", []), *config.get("ShadowProductionVariants", [])]:
        name = variant.get("ModelName")
        if name is not None and name not in models:
            models[name] = _model(module, target, region, name, resources, roles)
    _config(module, target, region, config, models, roles)
    resources["EndpointConfig/Resource"] = {"EndpointConfigArn": config["EndpointConfigArn"]}
    module.ours("Endpoint")
    written = call(
        "Endpoint",
        "self",
        literal("Endpoint"),
        endpoint_config="endpoint_config",
        endpoint_name=literal(existing.name),
    )
    module.statement(f"endpoint = {written}")
    deployment = existing.description.get("LastDeploymentConfig")
    references.override(module, "endpoint", {} if deployment is None else {"DeploymentConfig": deployment})
    references.tags(module, target, region, existing.arn, "endpoint")
    resources["Endpoint/Resource"] = {"EndpointArn": existing.arn}
    return resources


def _model(
    module: Module,
    target: "Target",
    region: str,
    name: str,
    resources: dict[str, dict[str, str]],
    roles: list[str],
) -> str:
    """The variable of a model."""
    client = target.sagemaker(region)
    described: dict[str, Any] = {**client.describe_model(ModelName=name)}
    shape = client.meta.service_model.operation_model("CreateModel").input_shape
    members = Members(described, shape)
    members.take("ModelName")
    container = described.get("PrimaryContainer", {})
    uri, role_arn = container.get("Image"), members.take("ExecutionRoleArn")
    module.ours("Model")
    if uri is None or role_arn is None:
        module.comment(
            f"Not expressed: how the model {name} is made; it has no image of its own, several containers or no role."
        )
        made = call("Model.from_model_name", "self", "{id}", literal(name))
        return module.variable("model", name, "model", made)
    known = references.algorithm_of(uri, region, "inference")
    members.take("PrimaryContainer", "Image")
    role = references.role(module, role_arn)
    roles.append(role)
    environment = members.take("PrimaryContainer", "Environment")
    isolated = members.take("EnableNetworkIsolation", default=False)
    subnets = members.take("VpcConfig", "Subnets")
    groups = members.take("VpcConfig", "SecurityGroupIds", default=[])
    network: dict[str, str | None] = {}
    if subnets:
        vpc, subnet_names, group_names = references.network(module, target, region, subnets, groups)
        network = {"vpc": vpc, "subnets": list_of(subnet_names), "security_groups": list_of(group_names)}
    written = call(
        "Model",
        "self",
        "{id}",
        container=references.container(module, uri, known),
        model_data=_model_data(module, members),
        environment=references.strings(environment) if environment else None,
        network_isolation=None if isolated == references.default_isolation(known) else literal(isolated),
        **network,
        role=role,
        model_name=literal(name),
    )
    variable = module.variable("model", name, "model", written)
    members.take_default("SingleModel", "PrimaryContainer", "Mode")
    _override(module, variable, members)
    references.tags(module, target, region, described["ModelArn"], variable)
    resources[f"{pascal(variable)}/Resource"] = {"ModelArn": described["ModelArn"]}
    return variable


def _model_data(module: Module, members: Members) -> str | None:
    uri = members.take("PrimaryContainer", "ModelDataUrl")
    place = None if uri is None else references.split_uri(uri)
    if place is None:
        if uri is not None:
            members.put(uri, "PrimaryContainer", "ModelDataUrl")
        return None
    # The description tells the same artefact once more, as a data source.
    source = {"S3DataSource": {"S3Uri": uri, "S3DataType": "S3Object", "CompressionType": "Gzip"}}
    members.take_default(source, "PrimaryContainer", "ModelDataSource")
    module.ours("ModelData")
    return call("ModelData.from_bucket", references.bucket(module, place[0]), literal(place[1]))


def _config(
    module: Module,
    target: "Target",
    region: str,
    config: Mapping[str, Any],
    models: Mapping[str, str],
    roles: list[str],
) -> None:
    shape = target.sagemaker(region).meta.service_model.operation_model("CreateEndpointConfig").input_shape
    members = Members(config, shape)
    members.take("EndpointConfigName")
    changes: dict[str, Any] = {}
    removed: list[str] = []
    variants = [
        _variant(module, number, variant, models, changes, removed)
        for number, variant in enumerate(members.take("ProductionVariants", default=[]))
    ]
    volume_key = members.take("KmsKeyId")
    module.ours("EndpointConfig", "ProductionVariant")
    capture = _data_capture(module, members, roles)
    written = call(
        "EndpointConfig",
        "self",
        literal("EndpointConfig"),
        production_variants=list_of(variants),
        volume_key=references.key(module, volume_key, "volume_key") if volume_key else None,
        data_capture=capture,
        data_capture_role=roles[0] if capture is not None else None,
        endpoint_config_name=literal(config["EndpointConfigName"]),
    )
    module.statement(f"endpoint_config = {written}")
    members.take_default(False, "EnableNetworkIsolation")
    _override(module, "endpoint_config", members, changes, removed)
    references.tags(module, target, region, config["EndpointConfigArn"], "endpoint_config")


def _variant(
    module: Module,
    number: int,
    variant: Mapping[str, Any],
    models: Mapping[str, str],
    changes: dict[str, Any],
    removed: list[str],
) -> str:
    members = Members(variant)
    at = f"ProductionVariants.{number}"
    model = members.take("ModelName")
    if model is None:
        removed.append(f"{at}.ModelName")
    instance_type = members.take("InstanceType")
    if instance_type is None:
        # A serverless variant has no machine to name.
        removed += [f"{at}.InstanceType", f"{at}.InitialInstanceCount"]
    elif instance_type != _DEFAULT_INSTANCE_TYPE:
        module.ours("InstanceType")
    name = members.take("VariantName")
    count = members.take("InitialInstanceCount", default=1)
    weight = members.take("InitialVariantWeight", default=1.0)
    changes |= {f"{at}.{path}": value for path, value in members.left.items()}
    return call(
        "ProductionVariant",
        model=call("Model.from_model_name", "self", literal(f"Model{number + 1}"), literal("none"))
        if model is None
        else models[model],
        name=None if name == "AllTraffic" else literal(name),
        instance_type=None
        if instance_type in {None, _DEFAULT_INSTANCE_TYPE}
        else call("InstanceType.of", literal(instance_type)),
        initial_instance_count=None if count == 1 else literal(count),
        initial_variant_weight=None if weight == 1 else literal(weight),
    )


def _data_capture(module: Module, members: Members, roles: list[str]) -> str | None:
    uri = members.take("DataCaptureConfig", "DestinationS3Uri")
    place = None if uri is None else references.split_uri(uri)
    if place is None or not roles:
        if uri is not None:
            members.put(uri, "DataCaptureConfig", "DestinationS3Uri")
        return None
    percentage = members.take("DataCaptureConfig", "InitialSamplingPercentage", default=100)
    members.take_default(True, "DataCaptureConfig", "EnableCapture")
    members.take_default(_CAPTURE_OPTIONS, "DataCaptureConfig", "CaptureOptions")
    module.ours("DataCapture")
    return call(
        "DataCapture",
        bucket=references.bucket(module, place[0], "capture_bucket"),
        prefix=literal(place[1]),
        sampling_percentage=None if percentage == 100 else literal(percentage),
    )


def _override(
    module: Module,
    variable: str,
    members: Members,
    changes: Mapping[str, Any] | None = None,
    removed: list[str] | None = None,
) -> None:
    """Sets what is left of a resource, as far as CloudFormation has a property for it."""
    left = {**members.left, **({} if changes is None else changes)}
    known = {path: value for path, value in left.items() if not _NOT_IN_CLOUDFORMATION.intersection(path.split("."))}
    references.override(module, variable, known, removed=[] if removed is None else removed)
    for path, value in left.items():
        if path not in known:
            module.comment(f"Not expressed: {path} = {value!r}, which CloudFormation has no property for")
