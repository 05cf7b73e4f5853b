"""Code repositories."""

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane


def test_a_code_repository_is_kept_and_its_secret_changed(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_code_repository(CodeRepositoryName="code", GitConfig={"RepositoryUrl": "https://example.com/a.git"})
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:AmazonSageMaker-1"
    client.update_code_repository(CodeRepositoryName="code", GitConfig={"SecretArn": secret})
    assert client.describe_code_repository(CodeRepositoryName="code")["GitConfig"] == {
        "RepositoryUrl": "https://example.com/a.git",
        "SecretArn": secret,
    }
