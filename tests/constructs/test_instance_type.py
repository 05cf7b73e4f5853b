import pytest
from aws_cdk import CfnParameter, Stack
from sagecraft_catalog import InstanceUse, UnknownInstanceType
from sagecraft_constructs.instance_type import InstanceType


def constants() -> list[InstanceType]:
    return [value for value in vars(InstanceType).values() if isinstance(value, InstanceType)]


def test_a_type_reads_as_its_name() -> None:
    assert str(InstanceType.of("ml.m5.large")) == "ml.m5.large"
    assert repr(InstanceType.M5_LARGE) == "InstanceType.of('ml.m5.large')"


def test_types_of_the_same_name_are_equal() -> None:
    assert InstanceType.of("ml.m5.large") == InstanceType.M5_LARGE
    assert len({InstanceType.of("ml.m5.large"), InstanceType.M5_LARGE, InstanceType.T3_MEDIUM}) == 2


def test_every_declared_constant_is_set_and_exists_for_some_use() -> None:
    assert {f"ml.{name.lower().replace('_', '.', 1)}" for name in InstanceType.__annotations__} == {
        constant.name for constant in constants()
    }
    for constant in constants():
        assert constant.size.vcpus > 0


def test_a_misspelt_type_names_near_matches() -> None:
    with pytest.raises(
        UnknownInstanceType, match=r"'ml\.m5\.larg' is not an instance type for training.*ml\.m5\.large"
    ):
        InstanceType.of("ml.m5.larg").check(InstanceUse.TRAINING)


def test_a_type_of_another_use_is_refused_with_its_uses() -> None:
    with pytest.raises(UnknownInstanceType, match=r"is not an instance type for training\. It can only be used for"):
        InstanceType.of("ml.t2.medium").check(InstanceUse.TRAINING)


def test_a_token_is_not_checked() -> None:
    parameter = CfnParameter(Stack(), "Type")
    InstanceType.of(parameter.value_as_string).check(InstanceUse.TRAINING)
