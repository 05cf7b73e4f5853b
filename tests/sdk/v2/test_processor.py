"""SKLearnProcessor and FrameworkProcessor: a script, its inputs and its outputs."""

from __future__ import annotations

import json

import numpy as np
import sagemaker
from sagemaker.processing import FrameworkProcessor, ProcessingInput, ProcessingOutput, Processor
from sagemaker.sklearn import SKLearn
from sagemaker.sklearn.processing import SKLearnProcessor

from tests.sdk.conftest import SCRIPTS, Ends, Flowers, Objects, csv


def test_a_scikit_learn_processor_runs_its_script_on_its_inputs(
    session: sagemaker.Session, role: str, objects: Objects, flowers: Flowers, ends: Ends
) -> None:
    source = objects.put("process/rows.csv", csv(flowers.features)).removesuffix("/rows.csv")
    processor = SKLearnProcessor(
        "1.2-1",
        role,
        instance_type="ml.m5.large",
        instance_count=1,
        env={"COLOR": "violet"},
        sagemaker_session=session,
    )
    processor.run(
        str(SCRIPTS / "processing.py"),
        inputs=[ProcessingInput(source, "/opt/ml/processing/input")],
        outputs=[ProcessingOutput("/opt/ml/processing/sums", f"s3://{objects.bucket}/processed", output_name="sums")],
        arguments=["--scale", "2"],
        wait=False,
        logs=False,
    )
    job = ends.processing_job(processor.latest_job.job_name)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    written = json.loads(objects.get(f"s3://{objects.bucket}/processed/sums.json"))
    assert written["rows"] == len(flowers.features)
    np.testing.assert_allclose(written["sums"], flowers.features.sum(axis=0) * 2)
    assert written["color"] == "violet"
    assert written["hosts"] == ["algo-1"]
    (output,) = processor.latest_job.describe()["ProcessingOutputConfig"]["Outputs"]
    assert output["OutputName"] == "sums"


def test_a_framework_processor_brings_its_source_directory(
    session: sagemaker.Session, role: str, objects: Objects, ends: Ends, tmp_path_factory: object
) -> None:
    directory = tmp_path_factory.mktemp("source")  # type: ignore[attr-defined]  # pytest's factory
    (directory / "constant.py").write_text("NUMBER = 2026\n", "utf-8")
    (directory / "requirements.txt").write_text("roman==5.1\n", "utf-8")
    (directory / "main.py").write_text(
        "import pathlib\n\nimport roman\nfrom constant import NUMBER\n\n"
        "pathlib.Path('/opt/ml/processing/out/year.txt').write_text(roman.toRoman(NUMBER))\n",
        "utf-8",
    )
    processor = FrameworkProcessor(
        SKLearn, "1.2-1", role, instance_type="ml.m5.large", instance_count=1, sagemaker_session=session
    )
    processor.run(
        "main.py",
        source_dir=str(directory),
        outputs=[ProcessingOutput("/opt/ml/processing/out", f"s3://{objects.bucket}/framework")],
        wait=False,
        logs=False,
    )
    job = ends.processing_job(processor.latest_job.job_name)
    assert job["ProcessingJobStatus"] == "Completed", (job.get("FailureReason"), job.get("ExitMessage"))
    assert objects.get(f"s3://{objects.bucket}/framework/year.txt") == b"MMXXVI"


def test_the_words_of_a_failed_processor_are_told(
    session: sagemaker.Session, role: str, sdk_image: str, ends: Ends
) -> None:
    script = "open('/opt/ml/output/message', 'w').write('the vase is empty'); raise SystemExit(3)"
    processor = Processor(
        role,
        sdk_image,
        instance_count=1,
        instance_type="ml.m5.large",
        entrypoint=["python", "-c", script],
        sagemaker_session=session,
    )
    processor.run(wait=False, logs=False)
    job = ends.processing_job(processor.latest_job.job_name)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["ExitMessage"] == "the vase is empty"
