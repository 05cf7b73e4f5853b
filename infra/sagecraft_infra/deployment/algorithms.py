"""Built-in algorithms of AWS's that an app runs, and the emulator has no program for."""

from collections.abc import Iterator
from typing import Any

from sagecraft_catalog import EcrImage, algorithm, algorithm_of_script, algorithms
from sagecraft_containers.programs import PROGRAMS, not_installed

from sagecraft_infra.docker.engine import engine_answers
from sagecraft_infra.emulator.process import ask
from sagecraft_infra.errors import UserError
from sagecraft_infra.project.assembly import Assembly


def refuse_algorithms_without_program(port: int, assembly: Assembly) -> None:
    """Refuses what would fail in the middle of a deployment.

    Args:
        port: The emulator's, with the app's own programs registered.
        assembly: The synthesized app.

    Raises:
        UserError: An image of a built-in algorithm has no program there, none is registered for it, and no container
            engine answers; or its program needs packages that are not installed.
    """
    wanted = algorithms_of(assembly)
    uninstalled = {name: told for name in wanted if (told := not_installed(name)) is not None}
    lacking = wanted - set(PROGRAMS)
    if lacking and engine_answers():
        lacking.clear()
    if not lacking and not uninstalled:
        return
    registered = {name for uri in ask(port, "GET", "images")["images"] for name in _named(uri)}
    for name in sorted(uninstalled.keys() - registered):
        raise UserError(f"{uninstalled[name]}. Nothing was deployed.")
    lacking -= registered
    if lacking:
        raise UserError(
            f"The emulator has no program for {', '.join(sorted(lacking))}, whose training and endpoints would fail. "
            "Nothing was deployed. Register a program of yours: sagecraft images register IMAGE -- COMMAND...; or use "
            f"what has one: {', '.join(sorted(PROGRAMS))}."
        )


def algorithms_of(assembly: Assembly) -> set[str]:
    """The names of the built-in algorithms whose images stand in the templates of an app, nested stacks' included."""
    templates = (template for stack in assembly.stacks for template in stack.templates())
    return {name for template in templates for text in _texts(template) for name in _named(text)}


def _named(text: str) -> Iterator[str]:
    """The algorithm of a script of JumpStart's, of an image, or of the end of its URI: `/blazingtext:1`.

    Of the last kind are the templates that stand for any region.
    """
    scripted = algorithm_of_script(text)
    if scripted is not None:
        yield scripted
    image = EcrImage.parse(text)
    if image is not None:
        if image.built_in_algorithm is not None:
            yield image.built_in_algorithm
        return
    for name in algorithms():
        each = algorithm(name)
        if each.hyperparameters and any(text == f"/{name}:{version}" for version in each.versions):
            yield name


def _texts(value: Any) -> Iterator[str]:
    """Every text in the values of a template."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
