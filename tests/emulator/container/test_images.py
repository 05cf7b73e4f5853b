import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sagecraft_catalog import algorithm
from sagecraft_containers import program as program_module
from sagecraft_emulator.container import images as images_module
from sagecraft_emulator.container.images import ImageRegistry, LocalProgram, built_in_algorithm
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import UnknownImage
from sagecraft_emulator.state.store import RecordKey, Store

MINE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/mine:1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "sagemaker.sqlite3", NOUNS.states)
    yield made
    made.close()


@pytest.fixture
def images(store: Store, monkeypatch: pytest.MonkeyPatch) -> ImageRegistry:
    monkeypatch.setattr(images_module, "docker_engine", lambda: None)
    return ImageRegistry(store)


@pytest.mark.parametrize("version", algorithm("xgboost").versions[1:])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1"])
def test_every_image_of_the_built_in_xgboost_runs_our_container(
    images: ImageRegistry, version: str, region: str
) -> None:
    program = images.resolve(algorithm("xgboost").image_uri(version, region))
    command = (sys.executable, "-m", "sagecraft_containers.xgboost")
    assert (program.train, program.serve) == ((*command, "train"), (*command, "serve"))
    assert program.metric_definitions == algorithm("xgboost").metric_definitions
    assert program.version == version


def test_images_of_scikit_learn_run_our_container(images: ImageRegistry) -> None:
    program = images.resolve(algorithm("sklearn").image_uri("1.2-1", "us-east-1"))
    assert program.serve == (sys.executable, "-m", "sagecraft_containers.sklearn", "serve")
    assert program.metric_definitions == ()
    assert program.version == "1.2-1"


def test_the_xgboost_of_2018_is_refused_with_what_to_use(images: ImageRegistry) -> None:
    with pytest.raises(UnknownImage, match=r"XGBoost 0.72 of 2018.*sagemaker-xgboost") as raised:
        images.resolve("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest")
    assert algorithm("xgboost").versions[-1] in str(raised.value)


def test_a_built_in_algorithm_without_a_program_is_refused_by_name_with_the_way_out(images: ImageRegistry) -> None:
    uri = algorithm("blazingtext").image_uri("1", "us-east-1")
    with pytest.raises(UnknownImage) as raised:
        images.resolve(uri)
    told = str(raised.value)
    assert told == images.lacking(uri)
    assert told.startswith("The algorithm blazingtext is not supported by this emulator: it has no program.")
    assert f"sagecraft images register {uri} -- COMMAND" in told
    images.register(uri, LocalProgram(train=("python", "train.py")))
    assert images.lacking(uri) is None
    assert images.resolve(uri).train == ("python", "train.py")


@pytest.mark.parametrize("name", ["factorization-machines", "linear-learner"])
def test_an_algorithm_whose_packages_are_not_installed_is_refused_with_the_extra_that_has_them(
    images: ImageRegistry, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    uri = algorithm(name).image_uri("1", "us-east-1")
    assert images.lacking(uri) is None
    monkeypatch.setattr(program_module, "find_spec", lambda _package: None)
    with pytest.raises(UnknownImage) as raised:
        images.resolve(uri)
    told = f'The algorithm {name} needs the packages jax and optax. Run: pip install "sagecraft[algorithms]"'
    assert (str(raised.value), images.lacking(uri)) == (told, told)
    assert images.lacking(algorithm("kmeans").image_uri("1", "us-east-1")) is None
    images.register(uri, LocalProgram(train=("python", "train.py")))
    assert images.lacking(uri) is None


PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:1.9.0-cpu-py38"
# Of `tests/unit/sagemaker/jumpstart/constants.py` in aws/sagemaker-python-sdk
SCRIPTS = "s3://jumpstart-cache-prod-us-east-1/source-directory-tarballs"


@pytest.mark.parametrize("name", ["catboost", "lightgbm"])
@pytest.mark.parametrize("use", ["transfer_learning", "inference"])
def test_a_script_of_jumpstarts_is_our_program_whatever_its_image(images: ImageRegistry, name: str, use: str) -> None:
    program = images.resolve(PYTORCH, f'"{SCRIPTS}/{name}/{use}/classification/v1.0.0/sourcedir.tar.gz"')
    assert program.train == (sys.executable, "-m", f"sagecraft_containers.{name}", "train")
    assert program.metric_definitions == ()  # a script's are those that the request tells
    with pytest.raises(UnknownImage, match="No local program is known for the image"):
        images.resolve(PYTORCH, '"s3://my-bucket/sourcedir.tar.gz"')
    images.register(PYTORCH, LocalProgram(train=("python", "train.py")))
    assert images.resolve(PYTORCH, f"{SCRIPTS}/{name}/x").train == ("python", "train.py")


def test_a_model_is_of_the_script_that_it_names_or_that_its_data_were_made_by(
    images: ImageRegistry, store: Store
) -> None:
    body = {
        "ModelArtifacts": {"S3ModelArtifacts": "s3://mine/model.tar.gz"},
        "HyperParameters": {
            "sagemaker_submit_directory": f'"{SCRIPTS}/catboost/transfer_learning/regression/v/x.tar.gz"'
        },
    }
    key = RecordKey("TrainingJob", "000000000000", "us-east-1", "job")
    store.create(key, arn="arn:job", status="InProgress", body=body)
    serve = (sys.executable, "-m", "sagecraft_containers.catboost", "serve")
    named = {"Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": f"{SCRIPTS}/catboost/inference/regression/v/x.tar.gz"}}
    assert images.of_model({"Image": PYTORCH, **named}).serve == serve
    inside = {"Image": PYTORCH, "Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}}
    assert images.of_model({**inside, "ModelDataUrl": "s3://mine/model.tar.gz"}).serve == serve
    for other in ({}, {"ModelDataUrl": "s3://mine/other.tar.gz"}):
        with pytest.raises(UnknownImage, match="No local program is known for the image"):
            images.of_model({**inside, **other})


def test_a_script_of_jumpstarts_without_a_program_is_refused_by_name_with_the_way_out(images: ImageRegistry) -> None:
    script = f"{SCRIPTS}/autogluon/transfer_learning/classification/v1.0.0/sourcedir.tar.gz"
    with pytest.raises(UnknownImage, match=r"The algorithm autogluon-tabular is not supported .* images register"):
        images.resolve(PYTORCH, script)


def test_a_repository_of_ones_own_may_be_called_as_an_algorithm_is() -> None:
    assert built_in_algorithm("123456789012.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1") is None
    assert built_in_algorithm("123456789012.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1") == "xgboost"


@pytest.mark.parametrize(("repository", "version"), [("38", "3.8"), ("310", "3.10")])
def test_a_base_python_image_is_the_interpreter_of_its_version(
    images: ImageRegistry, monkeypatch: pytest.MonkeyPatch, repository: str, version: str
) -> None:
    uri = f"081325390199.dkr.ecr.us-east-1.amazonaws.com/sagemaker-base-python-{repository}:1.0"
    found = {version: Path("/python")}
    monkeypatch.setattr(images_module, "interpreter", found.get)
    assert images.resolve(uri) == LocalProgram(base_python="/python")
    found.clear()
    with pytest.raises(UnknownImage, match=f"has Python {version}, and this machine has Python 3.*uv python install"):
        images.resolve(uri)


def test_sagemaker_distribution_has_the_packages_of_a_kernel(images: ImageRegistry) -> None:
    uri = "885854791233.dkr.ecr.us-east-1.amazonaws.com/sagemaker-distribution-prod:3.0-cpu"
    assert images.resolve(uri) == LocalProgram(is_distribution=True)


def test_an_unknown_image_is_refused_with_every_way_to_make_it_known(images: ImageRegistry) -> None:
    with pytest.raises(UnknownImage) as raised:
        images.resolve(MINE)
    for told in (MINE, "sagecraft images register", "local_program=", "Docker", "sagemaker-xgboost"):
        assert told in str(raised.value)


def test_an_unknown_image_runs_in_a_container_engine_where_one_answers(
    images: ImageRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_module, "docker_engine", lambda: "28.0")
    assert images.resolve(MINE) == LocalProgram(train=("train",), serve=("serve",), process=(), docker_image=MINE)


def test_a_registered_program_is_found_again_by_another_emulator(images: ImageRegistry, store: Store) -> None:
    program = LocalProgram(train=("python", "train.py"), working_directory="/")
    images.register(MINE, program)
    other = ImageRegistry(store)
    assert other.resolve(MINE) == program
    assert other.registered() == {MINE: program}
    assert other.remove(MINE)
    assert not other.remove(MINE)
    with pytest.raises(UnknownImage):
        other.resolve(MINE)


def test_a_registration_goes_before_the_built_in_program(images: ImageRegistry) -> None:
    uri = algorithm("xgboost").image_uri("1.7-1", "us-east-1")
    program = LocalProgram(serve=("python", "serve.py"))
    images.register(uri, program)
    assert images.resolve(uri) == program


def test_a_program_without_a_command_is_refused(images: ImageRegistry) -> None:
    with pytest.raises(ValueError, match="must have a command to train, to serve or to process"):
        images.register(MINE, LocalProgram())


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (LocalProgram(train=("x",), working_directory="/no/such"), "working directory '/no/such'"),
        (LocalProgram(train=("x",), requirements="/no/such.txt"), "requirements file '/no/such.txt'"),
    ],
)
def test_a_program_with_a_path_that_there_is_not_is_refused(
    images: ImageRegistry, program: LocalProgram, told: str
) -> None:
    with pytest.raises(ValueError, match=f"{told} .*does not exist"):
        images.register(MINE, program)
