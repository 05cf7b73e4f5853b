"""Draws an environment from what its app was synthesized to."""

from .environment import Arrow, Group, Node, environment_graph
from .picture import check_format, draw, save
from .references import read_resources

__all__ = ["Arrow", "Group", "Node", "check_format", "draw", "environment_graph", "read_resources", "save"]
