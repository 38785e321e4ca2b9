"""Treasury's desk in the house of the module, with nothing on it."""

from __future__ import annotations

import pytest

from tests.treasury_desk import TreasuryDesk


@pytest.fixture
def treasury(house):
    desk = TreasuryDesk(house)
    desk.clean()
    return desk
