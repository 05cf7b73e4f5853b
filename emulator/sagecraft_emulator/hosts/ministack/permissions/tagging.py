"""SageMaker's resources in ministack's Resource Groups Tagging API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import Store

SERVICE = "sagemaker"
Tags = list[dict[str, str]]


def add_to_tagging(module: Any, store: Store, account_and_region: Callable[[], tuple[str, str]]) -> None:
    """Adds what a store holds to ministack's module.

    Args:
        module: ministack's own.
        store: Where SageMaker's records are.
        account_and_region: Of the present request.
    """

    def collect() -> Iterator[tuple[str, Tags]]:
        for arn, tags in store.tagged(*account_and_region()):
            yield arn, [{"Key": key, "Value": value} for key, value in tags.items()]

    def write(spec: Any, arn: str, tags: Mapping[str, str]) -> None:
        del spec
        store.set_tags(known(arn), tags)

    def remove(spec: Any, arn: str, keys: Sequence[str]) -> None:
        del spec
        store.remove_tags(known(arn), keys)

    def known(arn: str) -> str:
        try:
            return store.find_arn(arn).arn
        except RecordMissing:
            raise module._ResourceNotFound(arn) from None  # noqa: SLF001 - ministack has no public way to this

    module._COLLECTORS[SERVICE] = collect  # noqa: SLF001 - as above
    module._WRITERS[SERVICE] = write  # noqa: SLF001 - as above
    module._REMOVERS[SERVICE] = remove  # noqa: SLF001 - as above
