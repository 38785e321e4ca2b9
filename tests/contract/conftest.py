"""The fixtures of the house are for every test below."""

from tests.house import house

__all__ = ["house"]
