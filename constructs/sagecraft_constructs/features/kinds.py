"""What AWS calls the choices of a feature group."""

from enum import StrEnum


class FeatureType(StrEnum):
    """What the values of a feature are.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_FeatureDefinition.html
    """

    STRING = "String"
    INTEGRAL = "Integral"
    FRACTIONAL = "Fractional"


class StorageType(StrEnum):
    """How fast an online store is.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OnlineStoreConfig.html
    """

    STANDARD = "Standard"
    IN_MEMORY = "InMemory"


class TableFormat(StrEnum):
    """How an offline store keeps records. The emulator has `GLUE` alone, which is Parquet.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OfflineStoreConfig.html
    """

    GLUE = "Glue"
    ICEBERG = "Iceberg"
