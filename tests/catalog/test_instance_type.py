import pytest
from sagecraft_catalog import InstanceUse, UnknownInstanceType, check_instance_type, instance_size, instance_types


def test_common_types_can_be_used() -> None:
    for use in (InstanceUse.TRAINING, InstanceUse.HOSTING, InstanceUse.PROCESSING, InstanceUse.TRANSFORM):
        check_instance_type("ml.m5.large", use)
    check_instance_type("ml.t3.medium", InstanceUse.NOTEBOOK)


def test_misspelt_type_names_near_matches_and_the_family() -> None:
    with pytest.raises(UnknownInstanceType) as caught:
        check_instance_type("ml.m5.larg", InstanceUse.TRAINING)
    assert str(caught.value) == (
        "'ml.m5.larg' is not an instance type for training. Allowed for training in its family: ml.m5.large, "
        "ml.m5.xlarge, ml.m5.2xlarge, ml.m5.4xlarge, ml.m5.12xlarge, ml.m5.24xlarge. "
        "Did you mean 'ml.m5.large', 'ml.m5.xlarge' or 'ml.m5.4xlarge'?"
    )


@pytest.mark.parametrize(
    ("name", "use", "told"),
    [
        ("m5.large", InstanceUse.TRAINING, "Did you mean 'ml.m5.large'?"),
        ("ml.t2.medium", InstanceUse.TRAINING, "It can only be used for 'hosting' and 'notebook'."),
        ("zzz", InstanceUse.NOTEBOOK, "A type is written ml.<family>.<size>; families for notebook: c4, "),
    ],
)
def test_wrong_type_is_told_what_to_change(name: str, use: InstanceUse, told: str) -> None:
    with pytest.raises(UnknownInstanceType) as caught:
        check_instance_type(name, use)
    assert told in str(caught.value)


def test_sizes_are_known_for_nearly_every_type() -> None:
    size = instance_size("ml.p3.8xlarge")
    assert (size.vcpus, size.memory_gib, size.gpus) == (32, 244, 4)
    without = set()
    for use in InstanceUse:
        for name in instance_types(use):
            try:
                assert instance_size(name).vcpus > 0
            except UnknownInstanceType:
                without.add(name)
    assert without == {"ml.dl1.24xlarge", "ml.geospatial.interactive", "ml.p6e-gb200.36xlarge"}
