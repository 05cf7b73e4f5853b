import subprocess
import sys

import sagecraft_catalog


def test_every_public_name_is_there_and_sorted() -> None:
    assert list(sagecraft_catalog.__all__) == sorted(sagecraft_catalog.__all__)
    assert all(hasattr(sagecraft_catalog, name) for name in sagecraft_catalog.__all__)


def test_importing_reads_no_data_file() -> None:
    program = "import sagecraft_catalog, sagecraft_catalog.package_data as data; print(data.load.cache_info().currsize)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "0"
