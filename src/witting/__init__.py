"""Agents learn computer work from people who lend it knowingly; importing this package loads no room and no extra."""

__all__ = ["__version__"]

__version__ = "0.1.0"
