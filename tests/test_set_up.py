"""The setting up of a checkout: what it tells, what it tells uv, and that it does with its Python and pip alone."""

import ast
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools import set_up

# As uv writes them where it is not on a terminal.
DOWNLOADS = """\
Resolved 4 packages in 3ms
Downloading big (30.0MiB)
Downloading small (512.0KiB)
   Building old==1.2.1
Downloading bigger (69.5MiB)
 Downloaded small
 Downloaded big
      Built old==1.2.1
 Downloaded bigger
Prepared 4 packages in 38.88s
Installed 4 packages in 2.21s
 + big==1
 - small==2
 ~ old==1.2.1
"""


def test_it_needs_nothing_but_the_standard_library() -> None:
    modules = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(Path(set_up.__file__).read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert modules <= set(sys.stdlib_module_names)


def test_what_it_imports_is_there() -> None:
    assert [module for module in set_up.IMPORTED if find_spec(module) is None] == []


def test_it_tells_how_far_the_download_is_and_not_each_package() -> None:
    assert list(set_up.progress(DOWNLOADS.splitlines(keepends=True))) == [
        "30 of 100 MiB",
        "100 of 100 MiB",
        "Installed 4 packages in 2.21s",
    ]


def test_it_tells_an_error_whole() -> None:
    error = "error: Failed to fetch: `https://packages.example/simple/big/`\n  Caused by: dns error\n"
    assert list(set_up.progress(error.splitlines(keepends=True))) == [
        "error: Failed to fetch: `https://packages.example/simple/big/`",
        "Caused by: dns error",
    ]


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, {"UV_DEFAULT_INDEX": "https://packages.example/own", "SSL_CERT_FILE": "/etc/own.pem"}),
        ({"UV_DEFAULT_INDEX": "https://packages.example/uv"}, {"SSL_CERT_FILE": "/etc/own.pem"}),
        ({"UV_INDEX_URL": "https://packages.example/uv", "SSL_CERT_FILE": "/etc/uv.pem"}, {}),
    ],
)
def test_uv_is_told_what_pip_is_set_to_unless_it_was_told_otherwise(
    environment: dict[str, str], told: dict[str, str]
) -> None:
    settings = (
        ":env:.index-url='https://packages.example/own'\n"
        "global.cert='/etc/own.pem'\n"
        "global.index-url='https://packages.example/all'\n"
        "install.index-url='https://packages.example/install'\n"
    )
    assert set_up.uv_variables(settings, environment) == told


def test_uv_is_told_nothing_where_pip_is_not_set_to_anything() -> None:
    assert set_up.uv_variables("", {}) == {}


def test_the_command_cdk_of_another_environment_stays(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("other")
    cdk = tmp_path / "cdk"
    cdk.hardlink_to(other)

    set_up.write_cdk(cdk)

    assert other.read_text() == "other"
    assert cdk.stat().st_mode & 0o111


def test_uv_and_xgboost_are_pinned_and_nothing_of_cuda_is() -> None:
    lock = set_up.LOCK.read_text("utf-8")
    assert set_up.pinned("uv", lock).startswith("uv==")
    assert set_up.pinned("xgboost-cpu", lock).endswith("; sys_platform == 'linux'")
    assert [line for line in lock.splitlines() if line.startswith(("nvidia-", "cuda-"))] == []
