"""How a stack factory gets the inputs of its component: as tokens, which constructs take for values."""

from aws_cdk import CfnParameter, Stack


def string_input(stack: Stack, name: str) -> str:
    """A text that the component gets as an input of this name.

    Args:
        stack: What the factory was called with.
        name: Letters and digits.

    Returns:
        A token, which fits wherever constructs take text.
    """
    return _parameter(stack, name, "String").value_as_string


def number_input(stack: Stack, name: str) -> float:
    """A number that the component gets as an input of this name; a token, as `string_input`."""
    return _parameter(stack, name, "Number").value_as_number


def list_input(stack: Stack, name: str) -> list[str]:
    """A list of texts that the component gets as an input of this name; a token, as `string_input`."""
    return _parameter(stack, name, "CommaDelimitedList").value_as_list


def _parameter(stack: Stack, name: str, kind: str) -> CfnParameter:
    declared = stack.node.try_find_child(name)
    if isinstance(declared, CfnParameter):
        return declared
    return CfnParameter(stack, name, type=kind)
