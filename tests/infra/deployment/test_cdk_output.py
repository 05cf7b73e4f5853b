"""What is told of an app that raised."""

from sagecraft_infra.deployment.cdk import exception_of


def test_the_message_of_the_last_exception_is_told_without_its_traceback() -> None:
    lines = """
Traceback (most recent call last):
  File "dataset.py", line 1, in prepare
    raise ValueError("one")
ValueError: one

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "app.py", line 12, in <module>
    Dataset(app, "Data")
sagecraft_constructs.errors.InvalidProps: Dataset 'Data':
  path: 'x' does not exist
python app.py: Subprocess exited with error 1
""".splitlines()

    assert exception_of(lines) == (
        "sagecraft_constructs.errors.InvalidProps: Dataset 'Data':\n  path: 'x' does not exist"
    )


def test_output_without_a_traceback_has_no_exception() -> None:
    assert exception_of(["Synthesis finished"]) is None
