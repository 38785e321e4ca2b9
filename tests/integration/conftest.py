"""The fixtures of the house are for every test below."""

from tests.house import house
from tests.limits import limits

__all__ = ["house", "limits"]
