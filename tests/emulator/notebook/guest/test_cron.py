"""What stands for cron on an instance."""

from datetime import datetime

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.notebook.guest.cron import entries

from tests.emulator.notebook.started import Instance

MONDAY = datetime(2026, 11, 30, 8, 10)


@pytest.mark.parametrize(
    ("times", "due"),
    [
        ("* * * * *", True),
        ("10 * * * *", True),
        ("*/5 * * * *", True),
        ("*/3 * * * *", False),
        ("0-9,11 * * * *", False),
        ("0-20/10 8 * * *", True),
        ("5/5 * * * *", True),
        ("10 9 * * *", False),
        ("10 8 30 11 *", True),
        ("10 8 * * 1-5", True),
        ("10 8 * * 0", False),
        # Source: crontab(5): where both days are given, one of them is enough.
        ("10 8 1 * 1", True),
        ("10 8 1 * 2", False),
    ],
)
def test_an_entry_is_due_when_all_its_fields_allow_it(times: str, due: bool) -> None:
    [entry] = entries(f"{times} root true\n")
    assert entry.is_due(MONDAY) == due


def test_a_table_sets_variables_and_what_is_no_entry_is_passed_over() -> None:
    table = (
        "# comment\nSHELL=/bin/sh\nHOME = '/root'\n\n*/5 * * * * root echo a  b\nx * * * * root true\n@reboot true\n"
    )
    [entry] = entries(table)
    assert (entry.user, entry.command) == ("root", "echo a  b")
    assert entry.variables == {"SHELL": "/bin/sh", "HOME": "/root"}
    [own] = entries("0 0 7 12 7 echo mine\n", "ec2-user")
    assert (own.user, own.command) == ("ec2-user", "echo mine")
    assert own.is_due(datetime(2026, 12, 7, 0, 0))


@pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")
def test_what_scripts_put_into_tables_runs_minute_by_minute(instance: Instance) -> None:
    instance.scripts(
        OnStart="""
            echo '* * * * * root echo "root $HOME" >>/var/log/jupyter.log' >/etc/cron.d/mine
            sudo -u ec2-user crontab - <<<'* * * * * echo "user $HOME" >>/var/log/jupyter.log'
        """
    )
    instance.start(minute_seconds=0.05)
    instance.wait_for(lambda: instance.log().count("root /root\n") >= 2)
    instance.wait_for(lambda: instance.log().count("user /home/ec2-user\n") >= 2)
