"""Audits to tamper with."""

import pytest

from kernel.ids import uuid7
from tests.audit_trail import Trail


@pytest.fixture
def trail(database):
    made = Trail(database)
    yield made
    made.close()


@pytest.fixture
def ten(trail):
    """Ten entries of two tenants, chained and signed."""
    for number in range(5):
        trail.write()
        trail.write(tenant=uuid7())
        if number == 2:
            trail.extend()
            trail.sign()
    trail.extend()
    trail.sign()
    assert trail.verify() == []
    return trail
