"""A project: the folder with an app in it, its name, and the templates that new ones are made of."""

from .current import STATE_DIR_NAME, Project

__all__ = ["STATE_DIR_NAME", "Project"]
