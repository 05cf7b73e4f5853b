"""AWS's base Python images, which `@remote` of the SageMaker SDKs takes by default.

What the SDKs do in them is tried by `tests/sdk/base_python/`, with the SDKs themselves.
"""

import sys
from pathlib import Path

import pytest
from sagecraft_emulator.container import images
from sagecraft_emulator.container.python import base_image
from sagecraft_emulator.container.python.base_image import base_installation

from tests.containers.wheel import make_wheel
from tests.emulator.world import REGION, World

IMAGE = f"081325390199.dkr.ecr.{REGION}.amazonaws.com/sagemaker-base-python-310:1.0"
DRIVER = ["/bin/bash", "-c", 'python -c "import sagemaker, sys; print(sagemaker.VALUE, sys.argv[1:])" "$@"', "driver"]


@pytest.mark.parametrize(
    ("arguments", "sdk"),
    [
        (["--region", REGION, "--client_sagemaker_pysdk_version", "3.27.0"], "sagemaker==3.27.0"),
        (["--client_sagemaker_pysdk_version", "2.150"], "sagemaker==2.150"),
        # What an SDK tells that is run from its sources
        (["--client_sagemaker_pysdk_version", "3.0.0.dev0"], "sagemaker>=2,<3"),
        (["--client_sagemaker_pysdk_version", "2.1 --index-url=http://evil"], "sagemaker>=2,<3"),
        (["--client_sagemaker_pysdk_version"], "sagemaker>=2,<3"),
        ([], "sagemaker>=2,<3"),
    ],
)
def test_the_sdk_is_that_of_the_client_where_this_tells(arguments: list[str], sdk: str) -> None:
    # remote_function/job.py of aws/sagemaker-python-sdk; that another version may not read what the client wrote:
    # https://github.com/aws/sagemaker-python-sdk/issues/5872
    assert base_installation(Path(sys.executable), arguments).arguments[-1] == sdk


def test_jobs_find_the_sdk_and_install_it_once(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_wheel(tmp_path, "'the SDK'", module="sagemaker", version="2.257.7")
    for name, value in {"XDG_CACHE_HOME": tmp_path / "cache", "UV_FIND_LINKS": tmp_path, "UV_OFFLINE": "1"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(base_image, "_PACKAGES", ())
    monkeypatch.setattr(images, "interpreter", lambda _: Path(sys.executable))
    start = {
        "ContainerEntrypoint": DRIVER,
        "ContainerArguments": ["--client_sagemaker_pysdk_version", "2.257.7"],
    }
    training = {"TrainingImage": IMAGE, "TrainingInputMode": "File", **start}
    jobs = [
        ("TrainingJobs", world.job(IMAGE, AlgorithmSpecification=training)),
        ("ProcessingJobs", world.processing_job("", AppSpecification={"ImageUri": IMAGE, **start})),
    ]
    said = []
    for kind, key in jobs:
        record = world.end(key)
        assert record.status == "Completed", record.body.get("FailureReason")
        said += world.log_lines(f"/aws/sagemaker/{kind}", key.name)
    assert said.count("the SDK ['--client_sagemaker_pysdk_version', '2.257.7']") == 2
    installing = "Installing the packages of the base Python image with sagemaker==2.257.7 into "
    assert [line.startswith(installing) for line in said].count(True) == 1


def test_a_job_without_a_command_is_told_to_give_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "interpreter", lambda _: Path(sys.executable))
    record = world.end(world.job(IMAGE))
    assert record.status == "Failed"
    assert "give the job a ContainerEntrypoint" in record.body["FailureReason"]
