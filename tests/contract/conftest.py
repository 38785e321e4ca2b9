"""The fixtures of the house are for every test below, and each operation that is fuzzed is a test with a name of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.house import house

__all__ = ["house"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The library gives all operations of a test one name; who hands tests out to workers by their names would run one of them."""
    for item in items:
        operation = getattr(item, "operation_label", None)
        if operation is not None:
            item._id = replace(item.id, params=operation)
