"""Instance types: an open set, with the common ones as constants."""

from typing import ClassVar, Final

from sagecraft_catalog import InstanceSize, InstanceUse, check_instance_type, instance_size

from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token


class InstanceType:
    """A type of machine, such as `ml.m5.large`.

    Which types there are depends on the use, so a type is checked where it enters a construct, and the error names
    near matches. Types that AWS adds later than this library's catalog can be given as a CDK token, which is never
    checked: a `CfnParameter`'s value, for one.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-instance-types.html
    """

    T3_MEDIUM: ClassVar["InstanceType"]
    T3_LARGE: ClassVar["InstanceType"]
    T3_XLARGE: ClassVar["InstanceType"]
    M5_LARGE: ClassVar["InstanceType"]
    M5_XLARGE: ClassVar["InstanceType"]
    M5_2XLARGE: ClassVar["InstanceType"]
    M5_4XLARGE: ClassVar["InstanceType"]
    C5_LARGE: ClassVar["InstanceType"]
    C5_XLARGE: ClassVar["InstanceType"]
    C5_2XLARGE: ClassVar["InstanceType"]
    R5_LARGE: ClassVar["InstanceType"]
    G4DN_XLARGE: ClassVar["InstanceType"]
    G5_XLARGE: ClassVar["InstanceType"]
    P3_2XLARGE: ClassVar["InstanceType"]

    @check_props
    def __init__(self, name: str) -> None:
        """A type by its name; `InstanceType.of` reads better."""
        self._name: Final = name

    @classmethod
    @check_props
    def of(cls, name: str) -> "InstanceType":
        """The type of a name.

        Args:
            name: As AWS writes it, `ml.` included, or a CDK token.
        """
        return cls(name)

    @property
    def name(self) -> str:
        """The name as AWS writes it, or a token."""
        return self._name

    @property
    def size(self) -> InstanceSize:
        """Virtual CPUs, memory in GiB and GPUs.

        Raises:
            UnknownInstanceType: There is no such type, its size is not published, or the name is a token.
        """
        return instance_size(self._name)

    def check(self, use: InstanceUse) -> None:
        """Checks that the type can be used for something; a token passes.

        Raises:
            UnknownInstanceType: It cannot; the message names near matches and what the family allows.
        """
        if not is_token(self._name):
            check_instance_type(self._name, use)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InstanceType) and other._name == self._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"InstanceType.of({self._name!r})"


InstanceType.T3_MEDIUM = InstanceType.of("ml.t3.medium")
InstanceType.T3_LARGE = InstanceType.of("ml.t3.large")
InstanceType.T3_XLARGE = InstanceType.of("ml.t3.xlarge")
InstanceType.M5_LARGE = InstanceType.of("ml.m5.large")
InstanceType.M5_XLARGE = InstanceType.of("ml.m5.xlarge")
InstanceType.M5_2XLARGE = InstanceType.of("ml.m5.2xlarge")
InstanceType.M5_4XLARGE = InstanceType.of("ml.m5.4xlarge")
InstanceType.C5_LARGE = InstanceType.of("ml.c5.large")
InstanceType.C5_XLARGE = InstanceType.of("ml.c5.xlarge")
InstanceType.C5_2XLARGE = InstanceType.of("ml.c5.2xlarge")
InstanceType.R5_LARGE = InstanceType.of("ml.r5.large")
InstanceType.G4DN_XLARGE = InstanceType.of("ml.g4dn.xlarge")
InstanceType.G5_XLARGE = InstanceType.of("ml.g5.xlarge")
InstanceType.P3_2XLARGE = InstanceType.of("ml.p3.2xlarge")
