"""Quotas by name, with their codes and what a new account has."""

from datetime import date

import pytest
from sagecraft_catalog.quota.quota import Quota, QuotaUse, quota_of_type, quotas, total_quota


def test_a_quota_has_awss_name_its_code_and_what_a_new_account_has() -> None:
    quota = quota_of_type(QuotaUse.ENDPOINT, "ml.m5.large")
    assert (quota.name, quota.code, quota.unit) == ("ml.m5.large for endpoint usage", "L-614B09FD", "Instances")
    assert quota.default is not None
    assert (quota.default.value, quota.default.date) == (0, date(2024, 2, 10))
    assert quota.default.reference.startswith("of 2024-02-10, AWS's Service Quotas API")


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (QuotaUse.TRAINING, "ml.c5.xlarge for training job usage"),
        (QuotaUse.SPOT_TRAINING, "ml.c5.xlarge for spot training job usage"),
        (QuotaUse.WARM_POOL, "ml.c5.xlarge for training warm pool usage"),
        (QuotaUse.PROCESSING, "ml.c5.xlarge for processing job usage"),
        (QuotaUse.TRANSFORM, "ml.c5.xlarge for transform job usage"),
        (QuotaUse.ENDPOINT, "ml.c5.xlarge for endpoint usage"),
        (QuotaUse.NOTEBOOK, "ml.c5.xlarge for notebook instance usage"),
        (QuotaUse.JUPYTER_LAB, "Studio JupyterLab Apps running on ml.c5.xlarge instances"),
        (QuotaUse.CODE_EDITOR, "Studio CodeEditor Apps running on ml.c5.xlarge instances"),
    ],
)
def test_each_use_has_quotas_of_its_own(use: QuotaUse, name: str) -> None:
    assert quota_of_type(use, "ml.c5.xlarge").name == name
    assert name in quotas()


def test_of_endpoints_and_processing_jobs_a_new_account_has_what_awss_defaults_are_today() -> None:
    """Source: a course for new accounts of 2026-07-31, which asked for the defaults of all types."""
    above_zero = {
        name: quota.default.value
        for name, quota in quotas().items()
        if name.endswith(("for endpoint usage", "for processing job usage"))
        and quota.default is not None
        and quota.default.value
    }
    assert above_zero == {
        "ml.t2.medium for endpoint usage": 2,
        "ml.m6g.large for endpoint usage": 2,
        "ml.m6g.xlarge for endpoint usage": 1,
        "ml.t3.medium for processing job usage": 4,
        "ml.t3.large for processing job usage": 4,
        "ml.t3.xlarge for processing job usage": 2,
    }


def test_what_nobody_has_published_is_not_known() -> None:
    of_new_type = quota_of_type(QuotaUse.TRANSFORM, "ml.m7i.large")
    assert (of_new_type.default, of_new_type.code is None) == (
        None,
        "ml.m7i.large for transform job usage" not in CODES,
    )
    undated = quota_of_type(QuotaUse.TRAINING, "ml.m7i.large").default
    assert undated is not None
    assert (undated.value, undated.date) == (0, None)
    assert undated.reference.startswith("undated, a new account")


def test_totals_have_what_a_new_account_has() -> None:
    values = {name: None if quota.default is None else quota.default.value for name, quota in TOTALS.items()}
    assert values["Number of instances across active endpoints"] == 4
    assert values["Number of instances across all training jobs"] == 4
    assert values["Total number of notebook instances"] == 8
    assert values["Total domains"] == 2
    assert values["Maximum number of instances per processing job"] is None
    assert TOTALS["Maximum number of instances per training job"].is_of_each
    assert not TOTALS["Total domains"].is_of_each
    with pytest.raises(KeyError):
        total_quota("Number of wishes")


def test_no_two_quotas_have_one_code() -> None:
    assert len(set(CODES.values())) == len(CODES) > 1000


CODES = {name: quota.code for name, quota in quotas().items() if quota.code is not None}
TOTALS: dict[str, Quota] = {name: quota for name, quota in quotas().items() if "ml." not in name}
