from __future__ import annotations

from collections.abc import Iterator

import pytest
from sagecraft_emulator.settings import EmulatorSettings

from tests.emulator.conftest import RunningEmulator, free_port

from .enforced import BUCKET, OBJECTS, Enforced, deny, document, register


@pytest.fixture(scope="package")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enforced]:
    settings = EmulatorSettings(tmp_path_factory.mktemp("enforced"), free_port(), enforce_iam=True)
    emulator = RunningEmulator(settings).start()
    enforced = Enforced(emulator)
    s3 = enforced.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="data/rows.csv", Body=b"1,2\n")
    no_tls = {"Bool": {"aws:SecureTransport": "false"}}
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=document({**deny("s3:*", OBJECTS), "Principal": "*", "Condition": no_tls})
    )
    script = tmp_path_factory.mktemp("program") / "train.sh"
    script.write_text("#!/bin/sh\ncp -v /opt/ml/input/data/train/rows.csv /opt/ml/model/\n")
    script.chmod(0o755)
    register(emulator, script)
    yield enforced
    emulator.stop()
