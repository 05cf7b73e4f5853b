"""Lifecycle scripts, as they run on an instance."""

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed

from tests.emulator.notebook.started import ARN, CONFIG_ARN, SERVING, Instance, is_gone
from tests.emulator.world import World

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")
# AWS's reasons: https://github.com/aws-samples/amazon-sagemaker-optuna-hpo-blog/issues/4 and
# https://github.com/aws-samples/amazon-sagemaker-notebook-instance-lifecycle-config-samples/issues/86
LOOK = "Please check your CloudWatch logs for more details if your Notebook Instance has Internet access."
WHICH = f"Notebook Instance Lifecycle Config '{CONFIG_ARN}' for Notebook Instance '{ARN}'"
ON_START = "LifecycleConfigOnStart"


def test_scripts_run_in_their_order_as_root_before_jupyter_and_each_has_a_log_stream(instance: Instance) -> None:
    # Source of PATH: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NotebookInstanceLifecycleHook.html
    instance.scripts(
        OnCreate='cd /home/ec2-user/SageMaker; echo made >order; echo "$EUID ${PATH#*:}"; echo "${0%%_*}"',
        OnStart="#!/bin/bash\necho started >>/home/ec2-user/SageMaker/order; echo to error >&2",
    )
    instance.start(f"cp order served; {SERVING}")
    instance.wait_until_served()
    assert (instance.volume / "served").read_text() == "made\nstarted\n"
    instance.stop()
    assert instance.shipped("LifecycleConfigOnCreate")[-2:] == ["0 /sbin:/bin:/usr/sbin:/usr/bin", "/tmp/OnCreate"]
    assert instance.shipped(ON_START)[-1] == "to error"
    assert instance.shipped("jupyter.log")[-1] == "serving"


def test_on_create_runs_once_and_on_start_at_each_start(instance: Instance) -> None:
    mark = "echo {} >>/home/ec2-user/SageMaker/order"
    instance.scripts(OnCreate=mark.format("made"), OnStart=mark.format("started"))
    instance.start()
    instance.wait_until_served()
    instance.stop()
    instance.change(_Created=True)
    instance.start()
    instance.wait_until_served()
    assert (instance.volume / "order").read_text() == "made\nstarted\nstarted\n"


def test_a_script_that_fails_fails_the_start_and_what_it_printed_is_in_its_log_alone(instance: Instance) -> None:
    instance.scripts(OnStart="echo password=hunter2\nexit 3")
    instance.start()
    assert instance.fails() == f"{WHICH} failed. {LOOK}"
    assert instance.log(ON_START) == "password=hunter2\n"
    assert "hunter2" not in instance.log() + instance.place.sandbox.log.read_text()


def test_a_script_that_hangs_fails_the_start_and_nothing_of_it_is_left(instance: Instance) -> None:
    instance.scripts(OnStart="sleep 4242 & sleep 4242")
    instance.start(script_seconds=0.3)
    assert instance.fails() == f"{WHICH} took longer than 5 minutes. {LOOK}"
    assert is_gone("sleep 4242")


def test_a_daemon_of_a_script_does_not_hold_the_start_up_and_ends_with_the_instance(instance: Instance) -> None:
    instance.scripts(OnStart="nohup sleep 4343 & \necho left")
    instance.start()
    instance.wait_until_served()
    assert not is_gone("sleep 4343")
    instance.stop()
    assert is_gone("sleep 4343")


def test_what_scripts_install_is_there_until_the_instance_stops_and_the_volume_stays(instance: Instance) -> None:
    program = "/usr/local/bin/installed-by-a-script"
    instance.scripts(
        OnCreate=f"echo '#!/bin/sh' >{program} && chmod +x {program} && touch /home/ec2-user/SageMaker/kept"
    )
    instance.start(f"{program} && {SERVING}")
    instance.wait_until_served()
    instance.stop()
    instance.change(_Created=True)
    instance.start(f"test ! -e {program} && test -e kept && {SERVING}")
    instance.wait_until_served()


def test_no_script_reads_what_the_emulator_keeps_or_what_is_for_root_alone(instance: Instance, world: World) -> None:
    assert (world.state_dir / "sagemaker.sqlite3").is_file()
    instance.scripts(OnStart=f"(ls -A {world.state_dir}; cat /etc/shadow /etc/sudoers; ls -A /etc/ssl/private) 2>&-")
    instance.start()
    instance.wait_until_served()
    assert instance.log(ON_START) == ""


def test_conda_says_what_to_do_instead_and_names_the_environments(instance: Instance) -> None:
    instance.scripts(OnStart="sudo -u ec2-user -i conda env list\nconda install -y xgboost || true")
    instance.start()
    instance.wait_until_served()
    *environments, refusal = instance.log(ON_START).splitlines()
    assert environments == [f"{name} /home/ec2-user/anaconda3/envs/{name}" for name in ("JupyterSystemEnv", "python3")]
    assert refusal.startswith("conda: 'conda install -y xgboost' is not done on a notebook instance of the emulator")
    assert refusal.endswith("source ~/anaconda3/bin/activate python3 && pip install NAME")


def test_no_script_puts_a_file_of_this_machine_in_the_place_of_a_log(instance: Instance) -> None:
    instance.scripts(OnStart="ln -sf /etc/hostname /var/log/jupyter.log; rm -f /var/log/jupyter.log; echo tried")
    instance.start()
    instance.wait_until_served()
    assert not (instance.place.logs / "jupyter.log").is_symlink()
    assert instance.log() == "serving\n"


def test_scripts_use_the_commands_of_an_instance(instance: Instance) -> None:
    # As https://github.com/aws-samples/amazon-sagemaker-notebook-instance-lifecycle-config-samples does.
    text = """
        set -e
        sudo -u ec2-user -i <<'EOF'
        whoami; pwd
        source /home/ec2-user/anaconda3/bin/activate JupyterSystemEnv
        which python
        source /home/ec2-user/anaconda3/bin/deactivate
        python -c 'import sys; print(sys.prefix)'
EOF
        sudo -u ec2-user test "$HOME" = /root
        systemctl restart jupyter-server
        (crontab -l 2>/dev/null; echo "*/5 * * * * true") | crontab -
        crontab -l
        service docker start || echo no docker
    """
    instance.scripts(OnStart=text)
    instance.start()
    instance.wait_until_served()
    environments = "/home/ec2-user/anaconda3/envs"
    assert instance.log(ON_START).splitlines() == [
        "ec2-user",
        "/home/ec2-user",
        f"{environments}/JupyterSystemEnv/bin/python",
        f"{environments}/python3",
        "*/5 * * * * true",
        "service docker start: this notebook instance has no such service; it runs on the emulator.",
        "no docker",
    ]


def test_without_root_access_the_user_is_no_sudoer_and_scripts_are_root_still(instance: Instance) -> None:
    instance.change(RootAccess="Disabled")
    instance.scripts(OnStart="sudo echo a script is root")
    instance.start(f"sudo true; {SERVING}")
    instance.wait_until_served()
    assert "RootAccess of this notebook instance is Disabled" in instance.log()
    assert instance.log(ON_START) == "a script is root\n"
