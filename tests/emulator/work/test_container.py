"""What a container finds of its image's environment."""

import sys

from .world import World


def test_a_script_finds_the_images_python_first_and_installs_beside_it_not_into_it(world: World) -> None:
    program = """
        import os, subprocess, sys
        installed = subprocess.run(["bash", "-c", "command -v python"], capture_output=True, text=True).stdout.strip()
        print("python is", installed == sys.executable)
        print("packages", os.environ["PIP_TARGET"] == os.environ["PYTHONPATH"].split(os.pathsep)[0])
        print("target", os.environ["PIP_TARGET"])
    """
    record = world.run_job(program)
    assert record.status == "Completed"
    lines = world.log_lines("/aws/sagemaker/TrainingJobs", record.key.name)
    assert {"python is True", "packages True"} <= set(lines)
    [target] = [line.removeprefix("target ") for line in lines if line.startswith("target ")]
    assert target.endswith("/packages")
    assert not target.startswith(sys.prefix)
