"""What training jobs leave in S3 besides an archive of the model."""

from tests.emulator.world import World


def keys(world: World, prefix: str) -> dict[str, bytes]:
    listed = world.s3.list_objects_v2(Bucket=world.bucket, Prefix=prefix).get("Contents", [])
    return {each["Key"].removeprefix(prefix): world.get(f"s3://{world.bucket}/{each['Key']}") for each in listed}


def test_uncompressed_output_is_one_object_for_each_file(world: World) -> None:
    program = """
        from pathlib import Path
        for path in ("model/deep/weights", "model/code", "output/data/report"):
            (Path("/opt/ml") / path).parent.mkdir(exist_ok=True)
            (Path("/opt/ml") / path).write_text(path)
    """
    config = {"S3OutputPath": f"s3://{world.bucket}/output/", "CompressionType": "NONE"}
    record = world.run_job(program, OutputDataConfig=config)
    assert record.status == "Completed", record.body.get("FailureReason")
    prefix = f"output/{record.key.name}/output/"
    assert record.body["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{world.bucket}/{prefix}model/"
    assert keys(world, prefix) == {
        "model/deep/weights": b"model/deep/weights",
        "model/code": b"model/code",
        "data/report": b"output/data/report",
    }


def test_tensors_and_tensorboards_files_go_where_the_request_says(world: World) -> None:
    program = """
        import json
        from pathlib import Path
        config = json.loads(Path("/opt/ml/input/config/debughookconfig.json").read_text())
        for directory in ("/opt/ml/output/tensorboard", config["LocalPath"]):
            Path(directory).mkdir()
            Path(directory, "events").write_text(directory)
        raise SystemExit(1)
    """
    record = world.run_job(
        program,
        TensorBoardOutputConfig={"S3OutputPath": f"s3://{world.bucket}/boards"},
        DebugHookConfig={"S3OutputPath": f"s3://{world.bucket}/debug/", "LocalPath": "/opt/ml/output/mine"},
    )
    assert record.status == "Failed"
    name = record.key.name
    assert keys(world, "boards/") == {f"{name}/tensorboard-output/events": b"/opt/ml/output/tensorboard"}
    assert keys(world, "debug/") == {f"{name}/debug-output/events": b"/opt/ml/output/mine"}


def test_a_local_path_outside_of_opt_ml_is_named(world: World) -> None:
    config = {"S3OutputPath": f"s3://{world.bucket}/boards", "LocalPath": "/tensorboard"}
    record = world.run_job("", TensorBoardOutputConfig=config)
    assert record.body["FailureReason"] == (
        "ClientError: TensorBoardOutputConfig.LocalPath is '/tensorboard'; this emulator keeps it below /opt/ml only. "
        "Leave it out for /opt/ml/output/tensorboard."
    )
