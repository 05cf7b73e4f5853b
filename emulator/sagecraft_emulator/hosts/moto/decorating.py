"""A context that decorates whatever tests are made of: functions, generators, coroutines, and classes of them.

`contextlib.ContextDecorator` ends its context when a function returns, which a generator or a coroutine does before any
of it has run; and it makes a function of a class, which no test runner collects.
"""

import inspect
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar, cast

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

MakeContext = Callable[[], AbstractContextManager[Any]]
"""Makes a context for one call, or for one test of a class."""


def decorate(decorated: _Decorated, make: MakeContext) -> _Decorated:
    """What runs within a context of its own at each call; each test of a class does, its set-up and tear-down included.

    Raises:
        TypeError: It is a class without tests.
    """
    if inspect.isclass(decorated):
        _decorate_class(decorated, make)
        return decorated
    return cast("_Decorated", wraps(decorated)(_wrapper(decorated, make)))


def _wrapper(function: Callable[..., Any], make: MakeContext) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):

        async def yield_asynchronously(*arguments: Any, **options: Any) -> AsyncIterator[Any]:
            with make():
                async for each in function(*arguments, **options):
                    yield each

        return yield_asynchronously
    if inspect.iscoroutinefunction(function):

        async def run_asynchronously(*arguments: Any, **options: Any) -> Any:
            with make():
                return await function(*arguments, **options)

        return run_asynchronously
    if inspect.isgeneratorfunction(function):

        def yield_from(*arguments: Any, **options: Any) -> Iterator[Any]:
            with make():
                yield from function(*arguments, **options)

        return yield_from

    def run(*arguments: Any, **options: Any) -> Any:
        with make():
            return function(*arguments, **options)

    return run


def _decorate_class(decorated: type, make: MakeContext) -> None:
    if issubclass(decorated, unittest.TestCase):
        _decorate_test_case(decorated, make)
    elif any(name.startswith("test") and callable(getattr(decorated, name)) for name in dir(decorated)):
        _decorate_plain_class(decorated, make)
    else:
        raise TypeError(
            f"{decorated.__name__} has no test: neither is it a unittest.TestCase, nor has it methods that begin with "
            "'test'. Decorate the functions that call SageMaker."
        )


def _decorate_test_case(decorated: type[unittest.TestCase], make: MakeContext) -> None:
    own = decorated.setUp

    @wraps(own)
    def set_up(self: unittest.TestCase) -> None:
        self.enterContext(make())
        own(self)

    decorated.setUp = set_up  # type: ignore[method-assign]  # that is the point


def _decorate_plain_class(decorated: Any, make: MakeContext) -> None:
    """By pytest's own methods around each test, which see what the fixtures do that they come before."""
    own_setup, own_teardown = getattr(decorated, "setup_method", None), getattr(decorated, "teardown_method", None)

    def setup_method(self: Any, method: Any) -> None:
        context = make()
        context.__enter__()
        self._sagecraft_context = context
        try:
            _call(own_setup, self, method)
        except BaseException:
            context.__exit__(None, None, None)  # pytest tears down nothing that was not set up
            raise

    def teardown_method(self: Any, method: Any) -> None:
        try:
            _call(own_teardown, self, method)
        finally:
            self._sagecraft_context.__exit__(None, None, None)

    decorated.setup_method, decorated.teardown_method = setup_method, teardown_method


def _call(function: Callable[..., None] | None, instance: Any, method: Any) -> None:
    """Calls a method of a class with the test's own, if it takes that, as pytest does."""
    if function is not None:
        function(instance, *([method] if len(inspect.signature(function).parameters) > 1 else []))
