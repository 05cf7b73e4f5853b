"""Service Quotas, as far as it tells of SageMaker.

Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/Welcome.html
"""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.json_service import JsonService
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.errors import ApiError

from .limits import Limits, quota_arn, quota_code

if TYPE_CHECKING:
    from sagecraft_catalog.quota.quota import Quota

# Few emulators are asked for quotas, and the start of one takes less without these.
# ruff: noqa: PLC0415

SIGNING_NAME: Final = "servicequotas"
_SERVICE: Final = "sagemaker"
_SERVICE_NAME: Final = "Amazon SageMaker"
_MOST_A_PAGE: Final = 100

Answer = dict[str, Any]


class QuotaService:
    """Answers the operations that tell of quotas, and the one that asks for more, which is granted at once.

    Args:
        limits: The quotas of the accounts. Left out, the emulator keeps to none, and none is applied.
    """

    def __init__(self, limits: Limits | None) -> None:
        self._limits = limits
        self.service = JsonService(
            "service-quotas",
            {
                "GetAWSDefaultServiceQuota": self._get_default,
                "GetServiceQuota": self._get,
                "ListAWSDefaultServiceQuotas": self._list_defaults,
                "ListServiceQuotas": self._list,
                "ListServices": self._list_services,
                "RequestServiceQuotaIncrease": self._increase,
            },
        )

    def _list_services(self, _: Caller, request: Answer) -> Answer:
        service = {"ServiceCode": _SERVICE, "ServiceName": _SERVICE_NAME}
        return page([service], request, "Services", lambda each: (each["ServiceCode"],), dict)

    def _list(self, caller: Caller, request: Answer) -> Answer:
        _check_service(request)
        named = request.get("QuotaCode")
        listed = (quota for quota in _quotas().values() if named in {None, quota_code(quota)})
        value = (lambda _: None) if self._limits is None else self._limits.values(caller)
        applied = [(quota, float(most)) for quota in listed if (most := value(quota)) is not None]
        return _page(applied, request, lambda quota, most: self._view(quota, caller, most))

    def _list_defaults(self, caller: Caller, request: Answer) -> Answer:
        _check_service(request)
        defaults = [(quota, _default(quota)) for quota in _quotas().values()]
        return _page(defaults, request, lambda quota, value: self._view(quota, caller, value))

    def _get(self, caller: Caller, request: Answer) -> Answer:
        quota = _quota(request)
        value = self._applied(quota, caller)
        if value is None:
            why = "nobody has published what a new account has" if self._limits else "it was started without --quotas"
            raise ApiError("NoSuchResourceException", f"The emulator applies no '{quota.name}': {why}.")
        return {"Quota": self._view(quota, caller, value)}

    def _get_default(self, caller: Caller, request: Answer) -> Answer:
        quota = _quota(request)
        return {"Quota": self._view(quota, caller, _default(quota))}

    def _increase(self, caller: Caller, request: Answer) -> Answer:
        quota, desired = _quota(request), float(request["DesiredValue"])
        if self._limits is None:
            raise ApiError(
                "InvalidResourceStateException", "This emulator keeps to no quotas: it runs without --quotas."
            )
        present = self._applied(quota, caller)
        if present is not None and desired <= present:
            message = f"The desired value {desired:g} is not greater than the present one, {present:g}."
            raise ApiError("IllegalArgumentException", message)
        self._limits.increase(quota, caller, desired)
        now = time.time()
        return {
            "RequestedQuota": {
                "Id": uuid.uuid4().hex,
                **_about(quota, caller),
                "DesiredValue": desired,
                "Status": "APPROVED",
                "Created": now,
                "LastUpdated": now,
            }
        }

    def _applied(self, quota: "Quota", caller: Caller) -> float | None:
        value = None if self._limits is None else self._limits.value(quota, caller)
        return None if value is None else float(value)

    @staticmethod
    def _view(quota: "Quota", caller: Caller, value: float | None) -> Answer:
        told = {**_about(quota, caller), "Adjustable": True, "QuotaAppliedAtLevel": "ACCOUNT"}
        return told if value is None else {**told, "Value": value}


def _quotas() -> "Mapping[str, Quota]":
    from sagecraft_catalog.quota.quota import quotas

    return quotas()


def _check_service(request: Answer) -> None:
    if request["ServiceCode"] != _SERVICE:
        raise ApiError("NoSuchResourceException", f"This emulator knows the quotas of '{_SERVICE}' alone.")


def _quota(request: Answer) -> "Quota":
    _check_service(request)
    code = request["QuotaCode"]
    for quota in _quotas().values():
        if quota_code(quota) == code:
            return quota
    raise ApiError("NoSuchResourceException", f"There is no quota with the code '{code}' in this emulator.")


def _default(quota: "Quota") -> float | None:
    return None if quota.default is None else float(quota.default.value)


def _about(quota: "Quota", caller: Caller) -> Answer:
    return {
        "ServiceCode": _SERVICE,
        "ServiceName": _SERVICE_NAME,
        "QuotaArn": quota_arn(quota, caller),
        "QuotaCode": quota_code(quota),
        "QuotaName": quota.name,
        "Unit": "None",
        "GlobalQuota": False,
    }


def _page(
    valued: Iterable[tuple["Quota", float | None]], request: Answer, view: Callable[["Quota", float | None], Answer]
) -> Answer:
    asked = {"MaxResults": _MOST_A_PAGE, **request}
    return page(valued, asked, "Quotas", lambda each: (each[0].name,), lambda each: view(*each))
